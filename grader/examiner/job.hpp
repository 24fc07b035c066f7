// What kata and an examiner say to each other, over a stream socket: frames of a length and a value
// of the typed codec. kata sends one Job; the examiner answers with Records until it closes its
// end.
#pragma once

#include <cstdint>
#include <kata/fields.hpp>
#include <string>
#include <vector>

namespace kata::examiner {

/// One thing to examine: a worker, and the mistake that it is to make.
struct Subject {
  std::string program;  // path of the worker
  std::string variant;  // id of a mistake; empty for none
};
KATA_FIELDS(Subject, program, variant)

struct Job {
  std::vector<Subject> subjects;
  std::uint64_t secret = 0;        // seeds derive from it
  double seconds = 5;              // CPU time of one call
  std::uint64_t memory_bytes = 0;  // of the worker
  bool sanitized = false;          // an `asan` worker: explains
  std::string replay;              // a token: that case alone, at its seed
  std::vector<std::string> cases;  // these alone; empty: all
  bool mistakes = false;           // first tell the table of mistakes of subjects[0]
  // Which mutant gives the replies of a wrong answer? subjects: the answer, the reference, the
  // mutants.
  bool diagnose = false;
};
KATA_FIELDS(Job, subjects, secret, seconds, memory_bytes, sanitized, replay, cases, mistakes,
            diagnose)

/// One line of the result.
struct Record {
  enum class Kind : std::uint8_t {
    test = 1,      // one test case of one subject
    mistake,       // name, text (English), more (Chinese), group (origin)
    subject_done,  // after the last test of a subject
    explained,     // name: the mistake that explains the answer; text: in which cases
    fault,         // text: what went wrong on our side
  };
  Kind kind = Kind::test;
  std::uint32_t subject = 0;
  std::string name;
  std::string group;
  bool hidden = false;
  std::string status;  // of report::Status, or not_implemented
  std::string text;    // message
  std::string more;    // signal
  std::string call;    // the function that ran last
  std::string printed;
  std::string replay;
  double seconds = 0;
};
KATA_FIELDS(Record, kind, subject, name, group, hidden, status, text, more, call, printed, replay,
            seconds)

/// Neither side sends a longer frame.
inline constexpr std::uint32_t kLongestFrame = 16U << 20;

/// Blocking; false when the other side is gone (or sends nonsense).
bool send_frame(int socket, const std::vector<std::byte>& bytes);
bool receive_frame(int socket, std::vector<std::byte>& bytes);

}  // namespace kata::examiner
