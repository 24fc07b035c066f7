// Results to report in tests.
#pragma once

#include <string>
#include <vector>

#include "report/report.hpp"

namespace kata::report::testing {

inline Test test(const std::string& visibility, const std::string& group, Status status,
                 const std::string& name = "a name", const std::string& message = "") {
  Test t;
  t.name = name;
  t.group = group;
  t.visibility = visibility;
  t.status = status;
  t.message = message;
  return t;
}

inline Exercise wrong_batchnorm() {
  Exercise e;
  e.id = "batchnorm/backward";
  e.title = "BatchNorm backward in closed form";
  e.topic = "batchnorm";
  e.status = Status::wrong_answer;
  e.points = 0;
  e.max_points = 10;
  e.build_s = 0.81;
  e.duration_s = 0.93;
  e.tests = {
      test("public", "example", Status::passed, "backward: the example of the statement"),
      test("public", "gamma", Status::passed, "gamma is not one"),
      test("hidden", "three rows", Status::passed),
      test("hidden", "dx sums to zero over the batch", Status::wrong_answer, "backward: dx, 7 x 5",
           "dx(0, 2): expected −0.2183, got 0.4410   (m = 3, features = 5)"),
      test("hidden", "agrees with the definition", Status::passed),
      test("hidden", "agrees with the definition", Status::wrong_answer),
      test("hidden", "dgamma, dbeta", Status::passed),
      test("hidden", "speed, small", Status::not_run, "s",
           "they check speed, and come when the answer is right"),
      test("hidden", "speed, large", Status::not_run, "l",
           "they check speed, and come when the answer is right"),
  };
  e.tests[3].replay = "7f3a-91c2";
  e.misconceptions = {
      {"no-variance-path", "Your dx is what you get when the variance is treated as a constant.",
       "x moves σ² as well as μ: the term −x̂·Σ(dy·x̂)/m is missing.", "distance 3e-8"}};
  return e;
}

inline Exercise right_adam() {
  Exercise e;
  e.id = "optimizers/adam";
  e.title = "Adam, one step";
  e.topic = "optimizers";
  e.status = Status::passed;
  e.points = 9.5;
  e.max_points = 10;
  e.build_s = 0;
  e.duration_s = 0.25;
  e.tests = {test("public", "example", Status::passed, "the example"),
             test("hidden", "bias correction", Status::passed)};
  Performance p;
  p.verdict = "within";
  p.ratio_to_reference = 1.31;
  p.interval[0] = 1.25;
  p.interval[1] = 1.4;
  p.speedup_over_whiteboard = 2.13;
  p.fraction_of_limit = 0.8;
  p.points = 1.5;
  p.max_points = 2;
  e.performance = p;
  return e;
}

inline Report report_of(std::vector<Exercise> exercises) {
  Report r;
  r.submission.name = "anna";
  r.submission.path = "class/anna";
  r.submission.sha256 = std::string(64, 'a');
  r.grader.version = "0.1.0";
  r.grader.commit = "0123abc";
  r.machine.cpu = "a processor";
  r.machine.os = "Debian 12";
  r.machine.compiler = "clang 14.0.6";
  r.machine.cores = 2;
  r.sandbox_layers = {"user namespace", "seccomp"};
  r.seed = "5eed";
  r.started_at = "2024-05-01T12:00:00Z";
  r.duration_s = 1.5;
  r.exercises = std::move(exercises);
  return r;
}

}  // namespace kata::report::testing
