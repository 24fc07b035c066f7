#include "classroom/grade.hpp"

#include <sodium.h>
#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <ctime>
#include <fstream>
#include <memory>
#include <mutex>
#include <thread>

#include "catalog/hash.hpp"
#include "classroom/diagnose.hpp"
#include "classroom/explain.hpp"
#include "classroom/records.hpp"
#include "classroom/version.hpp"
#include "examiner/client.hpp"

namespace kata::classroom {

namespace {

using Clock = std::chrono::steady_clock;
using report::Status;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string hexadecimal(std::uint64_t x) {
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(x));
  return text.data();
}

/// The seed of a submission: the same secret and sources give the same inputs.
std::uint64_t submission_seed(std::uint64_t secret, const std::string& source) {
  const std::string digest = catalog::sha256(hexadecimal(secret) + source);
  return std::stoull(digest.substr(0, 16), nullptr, 16);
}

report::Exercise blank(const catalog::Exercise& exercise) {
  report::Exercise r;
  r.id = exercise.id;
  r.title = exercise.manifest.title.en;
  r.topic = exercise.topic;
  r.max_points = exercise.manifest.correctness_points;
  return r;
}

void set_diagnostics(report::Exercise& r, const std::string& compiler) {
  r.diagnostics.emplace();
  r.diagnostics->compiler = compiler;
}

void build_failed(report::Exercise& r, const builder::Built& built) {
  switch (built.why) {
    case builder::Built::Why::compile_error:
      r.status = Status::compile_error;
      break;
    case builder::Built::Why::forbidden_call:
      r.status = Status::forbidden_call;
      break;
    case builder::Built::Why::none:
    case builder::Built::Why::grader_fault:
      r.status = Status::grader_fault;
      r.fault = built.message;
      return;
  }
  set_diagnostics(r, built.message + (built.diagnostics.empty() ? "" : "\n" + built.diagnostics));
}

report::Exercise attempt(Engine& engine, const catalog::Exercise& exercise,
                         const catalog::SubmissionFile& file, const GradeOptions& options) {
  const auto start = Clock::now();
  report::Exercise r = blank(exercise);
  // The examiner starts first: its sandbox stands when the compiler is done.
  examiner::Client client(engine.examiner(exercise), engine.launcher(), engine.sandboxed());

  builder::Request request;
  request.exercise = &exercise;
  request.sources = {
      {file.text, options.shown_as.empty() ? file.path : options.shown_as + "/" + file.path}};
  request.own = options.own;
  const builder::Built built = engine.builder().build(request);
  r.build_s = seconds_since(start);
  if (!built.ok) {
    build_failed(r, built);
    r.duration_s = seconds_since(start);
    return r;
  }

  examiner::Job job;
  job.subjects = {{built.worker.string(), ""}};
  job.secret = submission_seed(options.secret, file.text);
  job.seconds = exercise.manifest.seconds;
  job.memory_bytes = static_cast<std::uint64_t>(exercise.manifest.megabytes) << 20;
  job.replay = options.replay;
  const std::vector<examiner::Record> records =
      examiner::examine(client, job, examination_deadline(exercise));
  apply_records(r, records, 0);
  if (r.status == Status::crashed) explain_crash(engine, exercise, request, job, records, r);
  if (r.status == Status::wrong_answer && options.replay.empty())
    diagnose(engine, exercise, built.worker.string(), job, records, options.lang, r);
  r.points = report::correctness_points(r.tests, exercise.manifest.correctness_points,
                                        exercise.manifest.free_groups);
  if (!options.replay.empty()) r.points = 0;  // one case is not a grade
  r.duration_s = seconds_since(start);
  return r;
}

std::string cpu_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.rfind("model name", 0) == 0) return line.substr(line.find(": ") + 2);
  return "unknown";
}

std::string os_name() {
  std::ifstream release("/etc/os-release");
  std::string name = "unknown";
  for (std::string line; std::getline(release, line);)
    if (line.rfind("PRETTY_NAME=\"", 0) == 0) name = line.substr(13, line.size() - 14);
  utsname system{};
  if (uname(&system) == 0) name += ", Linux " + std::string(system.release);
  return name;
}

std::string now_utc() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text.data();
}

}  // namespace

report::Report blank_report(Engine& engine, const std::filesystem::path& folder,
                            const GradeOptions& options) {
  report::Report report;
  report.submission.name = std::filesystem::weakly_canonical(folder).filename().string();
  report.submission.path = folder.string();
  report.grader.version = kVersion;
  report.grader.commit = commit_of(engine.paths().root);
  report.machine.cpu = cpu_name();
  report.machine.os = os_name();
  report.machine.compiler = engine.builder().compiler();
  report.machine.cores = static_cast<int>(std::thread::hardware_concurrency());
  report.sandbox_layers = engine.layer_names();
  report.seed = hexadecimal(options.secret);
  report.started_at = now_utc();
  return report;
}

std::uint64_t fresh_secret() {
  std::uint64_t secret = 0;
  randombytes_buf(&secret, sizeof secret);
  return secret;
}

report::Exercise grade_exercise(Engine& engine, const catalog::Exercise& exercise,
                                const catalog::SubmissionFile& file, const GradeOptions& options) {
  using State = catalog::SubmissionFile::State;
  if (file.state == State::stub || file.state == State::absent) {
    report::Exercise r = blank(exercise);
    r.status = Status::not_attempted;
    return r;
  }
  if (file.state == State::refused) {
    report::Exercise r = blank(exercise);
    r.status = Status::compile_error;
    set_diagnostics(r, file.message);
    return r;
  }
  report::Exercise r;
  // Ours to get right: a fault is tried once more before it is reported.
  for (int tries = 0; tries < 2; ++tries) {
    try {
      r = attempt(engine, exercise, file, options);
    } catch (const std::exception& e) {
      r = blank(exercise);
      r.status = Status::grader_fault;
      r.fault = e.what();
    }
    if (r.status != Status::grader_fault) break;
  }
  return r;
}

report::Report grade_submission(Engine& engine, const std::filesystem::path& folder,
                                const std::vector<const catalog::Exercise*>& which,
                                const GradeOptions& options,
                                const std::function<void(const report::Exercise&)>& progress) {
  const auto start = Clock::now();
  report::Report report = blank_report(engine, folder, options);
  std::vector<catalog::SubmissionFile> files;
  for (const catalog::Exercise* exercise : which)
    files.push_back(catalog::read_submission(folder, engine.catalog(), *exercise));
  report.submission.sha256 = catalog::submission_sha256(files);
  report.exercises.resize(which.size());

  std::atomic<std::size_t> next{0};
  std::mutex telling;
  const auto work = [&] {
    for (std::size_t i = next++; i < which.size(); i = next++) {
      report::Exercise r;
      if (options.deadline_s > 0 && seconds_since(start) > options.deadline_s) {
        r = blank(*which[i]);
        r.status = Status::not_run;
      } else {
        r = grade_exercise(engine, *which[i], files[i], options);
      }
      const std::lock_guard lock(telling);
      progress(r);
      report.exercises[i] = std::move(r);
    }
  };
  std::vector<std::thread> threads;
  for (int i = 1; i < options.jobs && static_cast<std::size_t>(i) < which.size(); ++i)
    threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();
  report.duration_s = seconds_since(start);
  return report;
}

}  // namespace kata::classroom
