// Verdicts, points and sums.
#include "report/report.hpp"

#include <limits>

#include "check.hpp"
#include "report/samples.hpp"

namespace kata::report {
namespace {

using testing::test;

const Test kPublic = test("public", "p", Status::passed);
const Test kHidden = test("hidden", "h", Status::passed);

Test failed(Status status) {
  return test("hidden", "f", status);
}

TEST_CASE("every status has a name that leads back to it") {
  for (int i = 0; i <= static_cast<int>(Status::grader_fault); ++i) {
    const auto status = static_cast<Status>(i);
    CHECK(status_from(to_string(status)) == status);
  }
  CHECK(to_string(Status::out_of_memory) == "out_of_memory");
  CHECK_THROWS_AS(status_from("Passed"), std::invalid_argument);
  CHECK_THROWS_AS(status_from(""), std::invalid_argument);
  CHECK_THROWS_AS(to_string(static_cast<Status>(99)), std::invalid_argument);
}

TEST_CASE("the verdict is passed when all passed and one was hidden") {
  CHECK(verdict({kPublic, kHidden}) == Status::passed);
  CHECK(verdict({kHidden}) == Status::passed);
}

TEST_CASE("without hidden tests nothing is called passed") {
  CHECK(verdict({kPublic, kPublic}) == Status::public_only);
}

TEST_CASE("without tests the grader is at fault") {
  CHECK(verdict({}) == Status::grader_fault);
}

TEST_CASE("the first failed test decides, what follows may be its echo") {
  for (const Status first : {Status::wrong_answer, Status::crashed, Status::timed_out,
                             Status::out_of_memory, Status::output_limit, Status::forbidden_call,
                             Status::broken_reply, Status::not_attempted}) {
    CHECK(verdict({kPublic, failed(first), failed(Status::crashed), kHidden}) == first);
    CHECK(verdict({failed(first), failed(Status::wrong_answer)}) == first);
  }
}

TEST_CASE("a fault of the grader wins wherever it stands") {
  CHECK(verdict({failed(Status::crashed), kHidden, failed(Status::grader_fault)}) ==
        Status::grader_fault);
}

TEST_CASE("a test that was left out is no failure, and no pass") {
  const Test left_out = failed(Status::not_run);
  CHECK(verdict({kHidden, left_out}) == Status::not_run);
  CHECK(verdict({left_out, failed(Status::timed_out)}) == Status::timed_out);
  CHECK(verdict({kPublic, left_out}) == Status::not_run);
}

TEST_CASE("points are split evenly over the groups") {
  const std::vector<Test> tests = {
      test("public", "a", Status::passed), test("hidden", "a", Status::passed),
      test("hidden", "b", Status::passed), test("hidden", "b", Status::wrong_answer),
      test("hidden", "c", Status::passed), test("hidden", "d", Status::not_run)};
  CHECK(correctness_points(tests, 8) == 4);
  CHECK(correctness_points(tests, 0) == 0);
  CHECK(correctness_points({}, 8) == 0);
}

TEST_CASE("a test without a group is a group of its own") {
  CHECK(correctness_points(
            {test("public", "", Status::passed, "one"), test("hidden", "", Status::crashed, "two")},
            8) == 4);
}

TEST_CASE("all groups together are all points exactly") {
  std::vector<Test> tests;
  for (int groups = 1; groups < 50; ++groups) {
    tests.push_back(test("hidden", std::to_string(groups), Status::passed));
    CHECK(correctness_points(tests, 0.1) == 0.1);
  }
}

TEST_CASE("groups that junk would pass count only when everything passed") {
  std::vector<Test> tests = {test("hidden", "refusals", Status::passed),
                             test("hidden", "values", Status::passed)};
  CHECK(correctness_points(tests, 8, {"refusals"}) == 8);
  tests[1].status = Status::wrong_answer;
  CHECK(correctness_points(tests, 8, {"refusals"}) == 0);
  CHECK(correctness_points(tests, 8) == 4);
}

TEST_CASE("the summary counts each exercise once and adds the points") {
  std::vector<Exercise> exercises;
  for (int i = 0; i <= static_cast<int>(Status::grader_fault); ++i) {
    Exercise e;
    e.status = static_cast<Status>(i);
    e.points = 1;
    e.max_points = 2;
    exercises.push_back(e);
  }
  exercises[0].points = std::numeric_limits<double>::quiet_NaN();
  const Summary sum = summarise(exercises);
  CHECK(sum.passed == 1);
  CHECK(sum.not_attempted == 1);
  CHECK(sum.grader_faults == 1);
  CHECK(sum.not_passed == 10);
  CHECK(sum.points == 12);
  CHECK(sum.max_points == 26);
}

}  // namespace
}  // namespace kata::report
