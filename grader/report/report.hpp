// The report as plain data: what the examiner found, what the verdict is, what it is worth.
//
// kata.report/1 (docs/report.schema.json) is this structure as JSON; the terminal shows the same.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kata::report {

enum class Status {
  passed,
  wrong_answer,
  compile_error,
  crashed,
  timed_out,
  out_of_memory,
  output_limit,
  forbidden_call,
  broken_reply,
  not_attempted,
  not_run,
  public_only,
  grader_fault,
};
std::string to_string(Status status);
/// Throws std::invalid_argument if `name` is no status.
Status status_from(const std::string& name);

struct Test {
  std::string name;
  std::string group;                // the property it checks
  std::string visibility;           // "public" or "hidden"
  Status status = Status::not_run;  // passed, or the first cause of its failure
  std::string message;              // one or a few lines for a person; empty when passed
  double duration_s = 0;
  std::string replay;  // token that runs this case again; empty when passed
};

struct Misconception {
  std::string id, title, explanation, evidence;
};

struct Performance {
  std::string verdict;  // fast, within, slow, cannot tell
  double ratio_to_reference = 0;
  double interval[2] = {0, 0};
  double speedup_over_whiteboard = 0;
  double fraction_of_limit = 0;
  double points = 0, max_points = 0;
};

struct Diagnostics {
  std::string compiler;  // the first errors in the learner's file, at most a few lines
  std::string signal;    // SIGSEGV, or the refused system call, or the exception's type
  std::string where;     // file:line, or the call that was running
  std::string printed;   // what the answer wrote to its standard streams, capped
};

struct Exercise {
  std::string id, title, topic;
  Status status = Status::not_run;
  double points = 0, max_points = 0;
  double duration_s = 0;
  double build_s = 0;  // part of duration_s
  std::vector<Test> tests;
  std::vector<Misconception> misconceptions;
  std::optional<Performance> performance;
  std::optional<Diagnostics> diagnostics;
  std::string fault;  // only with grader_fault: what went wrong on our side
};

struct Report {
  struct {
    std::string name, path, sha256;
  } submission;
  struct {
    std::string version, commit;
  } grader;
  struct {
    std::string cpu, os, compiler;
    int cores = 0;
  } machine;
  std::vector<std::string> sandbox_layers;
  std::string seed;        // hexadecimal
  std::string started_at;  // UTC, RFC 3339
  double duration_s = 0;
  std::vector<Exercise> exercises;
};

struct Summary {
  double points = 0, max_points = 0;
  int passed = 0, not_passed = 0, not_attempted = 0, grader_faults = 0;
};
Summary summarise(const Report& report);
Summary summarise(const std::vector<Exercise>& exercises);

/// The verdict of an exercise that was built and examined, from its tests in the order they ran:
///   - grader_fault if any test says so, and when there is no test at all;
///   - else the status of the first test that failed: what follows it may be its echo;
///   - else not_run, when a test was left out;
///   - else public_only when no test was hidden, and passed otherwise.
Status verdict(const std::vector<Test>& tests);

/// Correctness points: `max_points` split evenly over the property groups; a group counts when all
/// of its tests passed. Groups named in `free_groups` (those that junk would pass) count only when
/// the verdict is passed. A test without a group is a group of its own. When the verdict is passed,
/// these are `max_points` exactly.
double correctness_points(const std::vector<Test>& tests, double max_points,
                          const std::vector<std::string>& free_groups = {});

/// kata.report/1, whatever the strings and numbers hold: strings go through safe_text (text.hpp)
/// with a cap, a number that is not finite becomes null where the schema allows it (performance),
/// else 0. Beside the documented keys: "build_s" and "fault" of an exercise, "printed" in its
/// diagnostics.
std::string to_json(const Report& report, int indent = 2);
/// An array of reports.
std::string to_json(const std::vector<Report>& reports, int indent = 2);

}  // namespace kata::report
