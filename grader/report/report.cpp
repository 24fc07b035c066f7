// What the tests found, summed up. See report.hpp.
#include "report/report.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <stdexcept>
#include <utility>

namespace kata::report {

namespace {

constexpr std::pair<Status, const char*> kNames[] = {
    {Status::passed, "passed"},
    {Status::wrong_answer, "wrong_answer"},
    {Status::compile_error, "compile_error"},
    {Status::crashed, "crashed"},
    {Status::timed_out, "timed_out"},
    {Status::out_of_memory, "out_of_memory"},
    {Status::output_limit, "output_limit"},
    {Status::forbidden_call, "forbidden_call"},
    {Status::broken_reply, "broken_reply"},
    {Status::not_attempted, "not_attempted"},
    {Status::not_run, "not_run"},
    {Status::public_only, "public_only"},
    {Status::grader_fault, "grader_fault"},
};

}  // namespace

std::string to_string(Status status) {
  for (const auto& [known, name] : kNames)
    if (known == status) return name;
  throw std::invalid_argument("no status has the number " +
                              std::to_string(static_cast<int>(status)));
}

Status status_from(const std::string& name) {
  for (const auto& [status, known] : kNames)
    if (known == name) return status;
  throw std::invalid_argument("no status is called '" + name.substr(0, 40) + "'");
}

Status verdict(const std::vector<Test>& tests) {
  const auto any = [&](auto condition) {
    return std::any_of(tests.begin(), tests.end(), condition);
  };
  if (tests.empty() || any([](const Test& t) { return t.status == Status::grader_fault; }))
    return Status::grader_fault;
  for (const Test& test : tests)
    if (test.status != Status::passed && test.status != Status::not_run) return test.status;
  if (any([](const Test& t) { return t.status == Status::not_run; })) return Status::not_run;
  if (!any([](const Test& t) { return t.visibility == "hidden"; })) return Status::public_only;
  return Status::passed;
}

double correctness_points(const std::vector<Test>& tests, double max_points,
                          const std::vector<std::string>& free_groups) {
  std::map<std::pair<bool, std::string>, bool> groups;  // (has a group's name, name) -> all passed
  for (const Test& test : tests) {
    const bool named = !test.group.empty();
    const auto [at, is_new] = groups.try_emplace({named, named ? test.group : test.name}, true);
    at->second = at->second && test.status == Status::passed;
  }
  if (groups.empty()) return 0;
  const bool passed = verdict(tests) == Status::passed;
  const auto earned = std::count_if(groups.begin(), groups.end(), [&](const auto& group) {
    const bool is_free =
        std::find(free_groups.begin(), free_groups.end(), group.first.second) != free_groups.end();
    return group.second && (passed || !is_free);
  });
  const auto all = static_cast<double>(groups.size());
  return max_points * (static_cast<double>(earned) / all);
}

Summary summarise(const std::vector<Exercise>& exercises) {
  Summary sum;
  for (const Exercise& exercise : exercises) {
    if (std::isfinite(exercise.points)) sum.points += exercise.points;
    if (std::isfinite(exercise.max_points)) sum.max_points += exercise.max_points;
    switch (exercise.status) {
      case Status::passed:
        ++sum.passed;
        break;
      case Status::not_attempted:
        ++sum.not_attempted;
        break;
      case Status::grader_fault:
        ++sum.grader_faults;
        break;
      default:
        ++sum.not_passed;
    }
  }
  return sum;
}

Summary summarise(const Report& report) {
  return summarise(report.exercises);
}

}  // namespace kata::report
