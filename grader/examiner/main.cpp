// An examiner: one program per exercise, with its public and hidden tests, the oracle, the seeds
// and the clock. kata starts it early, so that its sandbox stands when the compiler is done, and
// then hands it a Job.
//
//     examiner SOCKET LAUNCHER [--no-sandbox]
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <memory>
#include <string_view>

#include "examiner/catch_runner.hpp"
#include "examiner/examination.hpp"
#include "examiner/sink.hpp"
#include "examiner/subject.hpp"
#include "worker/mistakes.hpp"

namespace kata::examiner {

Sink& Sink::current() {
  static Sink sink;
  return sink;
}

namespace {

struct Fault {
  std::string what;
};

void send_record(int socket, const Record& record) {
  wire::Writer w;
  wire::put_value(w, record);
  if (!send_frame(socket, w.bytes())) std::_Exit(1);  // kata is gone: so are we, and the sandbox
}

struct Replay {
  std::uint32_t seed = 0;
  std::uint16_t tag = 0;
};

Replay parse_replay(const std::string& token) {
  Replay replay;
  const char* begin = token.data();
  const char* end = begin + token.size();
  const auto seed = std::from_chars(begin, end, replay.seed, 16);
  if (seed.ec != std::errc() || seed.ptr == end || *seed.ptr != '-')
    throw Fault{"'" + token + "' is no replay token: it looks like 7f3a91c2-04d1"};
  const auto tag = std::from_chars(seed.ptr + 1, end, replay.tag, 16);
  if (tag.ec != std::errc() || tag.ptr != end)
    throw Fault{"'" + token + "' is no replay token: it looks like 7f3a91c2-04d1"};
  return replay;
}

/// The public cases first: they are the ones that a learner can read.
std::vector<std::string> patterns(const Job& job) {
  if (!job.replay.empty()) {
    const Replay replay = parse_replay(job.replay);
    for (const std::string& name : case_names())
      if (case_tag(name) == replay.tag) return {exactly(name)};
    throw Fault{"no test of this exercise has the replay token " + job.replay +
                ": was it made by another exercise, or before its tests changed?"};
  }
  if (job.cases.empty()) return {"[public]", "[hidden]"};
  std::vector<std::string> list;
  for (const std::string& name : job.cases) list.push_back(exactly(name));
  return list;
}

sandbox::Descriptor open_program(const std::string& path) {
  sandbox::Descriptor program(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!program.valid()) throw Fault{"cannot open the worker " + path + ": " + std::strerror(errno)};
  return program;
}

/// Tells the table of mistakes and returns their ids.
std::vector<std::string> tell_mistakes(int socket, const std::string& path,
                                       sandbox::Launcher& launcher, const WorkerLimits& limits) {
  const sandbox::Descriptor program = open_program(path);
  Worker worker(launcher, program.get(), limits, "");
  worker.request(wire::kMistakeTable, 1, {});
  std::vector<std::byte> bytes;
  worker.reply(bytes, "the table of mistakes");
  wire::Reader r(bytes);
  std::vector<std::string> ids;
  for (const Mistake& mistake : wire::take_value<std::vector<Mistake>>(r)) {
    Record record;
    record.kind = Record::Kind::mistake;
    record.name = mistake.id;
    record.text = mistake.en;
    record.more = mistake.zh;
    record.group = mistake.origin;
    send_record(socket, record);
    ids.push_back(mistake.id);
  }
  return ids;
}

WorkerLimits limits_of(const Job& job) {
  WorkerLimits limits;
  limits.cpu_seconds = job.seconds;
  limits.memory_bytes = job.memory_bytes;
  limits.profile = job.sanitized ? sandbox::Profile::sanitized : sandbox::Profile::narrow;
  return limits;
}

/// Runs the failed cases, at their seeds, with the answer, the reference and the mutants that are
/// still in question, and tells which mutants explain every case about which something can be said.
void diagnose(int socket, const Job& job, sandbox::Launcher& launcher) {
  const WorkerLimits limits = limits_of(job);
  const std::vector<std::string> mistakes =
      tell_mistakes(socket, job.subjects.at(2).program, launcher, limits);
  Sink::current().open([](const Record&) {});
  Examination& examination = Examination::current();
  examination.keep_replies(true);
  const sandbox::Descriptor answer = open_program(job.subjects[0].program);
  const sandbox::Descriptor reference = open_program(job.subjects[1].program);
  const sandbox::Descriptor mutants = open_program(job.subjects[2].program);
  const auto replies = [&](const sandbox::Descriptor& program, const std::string& variant,
                           const std::string& name) {
    examination.begin_subject(launcher, program.get(), limits, variant, job.secret);
    run_cases(exactly(name));
    examination.end_subject();
    return examination.replies();
  };
  std::vector<bool> possible(mistakes.size(), true);
  std::vector<std::string> told;
  for (const std::string& name : job.cases) {
    const Replies wrong = replies(answer, "", name);
    const Replies right = replies(reference, "", name);
    bool silent = false;
    for (std::size_t i = 0; i < mistakes.size() && !silent; ++i) {
      if (!possible[i]) continue;
      const Match found = match(wrong, right, replies(mutants, mistakes[i], name));
      silent = found == Match::silent;  // nothing differs: no mutant can be told apart here
      possible[i] = found != Match::no;
    }
    if (!silent) told.push_back(name);
  }
  for (std::size_t i = 0; i < mistakes.size() && !told.empty(); ++i) {
    if (!possible[i]) continue;
    Record record;
    record.kind = Record::Kind::explained;
    record.name = mistakes[i];
    for (const std::string& name : told) record.text += (record.text.empty() ? "" : "; ") + name;
    send_record(socket, record);
  }
}

void examine(int socket, const Job& job, sandbox::Launcher& launcher) {
  const WorkerLimits limits = limits_of(job);
  std::vector<Subject> subjects = job.subjects;
  if (job.mistakes) {
    subjects.clear();
    for (const std::string& id :
         tell_mistakes(socket, job.subjects.at(0).program, launcher, limits))
      subjects.push_back({job.subjects.at(0).program, id});
  }

  Examination& examination = Examination::current();
  Sink& sink = Sink::current();
  sink.open([socket](const Record& record) { send_record(socket, record); });
  const std::vector<std::string> which = patterns(job);
  if (!job.replay.empty()) examination.replay(parse_replay(job.replay).seed);
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    const sandbox::Descriptor program = open_program(subjects[i].program);
    sink.set_subject(static_cast<std::uint32_t>(i));
    examination.begin_subject(launcher, program.get(), limits, subjects[i].variant, job.secret);
    for (const std::string& pattern : which) run_cases(pattern);
    examination.end_subject();
    Record done;
    done.kind = Record::Kind::subject_done;
    sink.put(std::move(done));
  }
}

int run(int socket, const std::string& launcher_path, bool sandboxed) {
  std::string fault;
  try {
    // The profile is known only with the job, but nearly always it is the narrow one.
    auto launcher =
        std::make_unique<sandbox::Launcher>(launcher_path, sandbox::Profile::narrow, sandboxed);
    std::vector<std::byte> bytes;
    if (!receive_frame(socket, bytes)) return 0;  // called off: the build failed
    wire::Reader r(bytes);
    const Job job = wire::take_value<Job>(r);
    if (job.sanitized)
      launcher = std::make_unique<sandbox::Launcher>(launcher_path, sandbox::Profile::sanitized,
                                                     sandboxed);
    job.diagnose ? diagnose(socket, job, *launcher) : examine(socket, job, *launcher);
    return 0;
  } catch (const Fault& e) {
    fault = e.what;
  } catch (const Loss& e) {
    fault = e.detail;
  } catch (const wire::Malformed& e) {
    fault = e.what;
  } catch (const std::exception& e) {
    fault = e.what();
  }
  Record record;
  record.kind = Record::Kind::fault;
  record.text = fault;
  send_record(socket, record);
  return 3;
}

}  // namespace

}  // namespace kata::examiner

int main(int argc, char* argv[]) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  int socket = -1;
  if (argc < 3 || std::from_chars(argv[1], argv[1] + std::string_view(argv[1]).size(), socket).ec !=
                      std::errc()) {
    std::cerr << "This program is part of kata and is started by it: try ./kata run " << '\n';
    return 2;
  }
  fcntl(socket, F_SETFD, FD_CLOEXEC);
  const bool sandboxed = argc < 4 || std::string_view(argv[3]) != "--no-sandbox";
  return kata::examiner::run(socket, argv[2], sandboxed);
}
