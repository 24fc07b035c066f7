#include "cli/verdict.hpp"

#include <iostream>

#include "cli/command.hpp"

namespace kata::cli {

int status_of(const std::vector<report::Exercise>& exercises) {
  int status = kPassed;
  for (const report::Exercise& e : exercises) {
    if (e.status == report::Status::grader_fault) return kFault;
    if (e.status != report::Status::passed) status = kNotPassed;
  }
  return status;
}

void warn_without_sandbox(const classroom::Engine& engine) {
  if (engine.sandboxed()) return;
  std::cerr << "note: the sandbox is not complete here, so this answer runs with your own rights; "
               "kata doctor says what is missing\n";
}

report::Report one_exercise_report(classroom::Engine& engine, const std::filesystem::path& folder,
                                   const classroom::GradeOptions& options,
                                   const catalog::SubmissionFile& file,
                                   const report::Exercise& verdict) {
  report::Report report = classroom::blank_report(engine, folder, options);
  report.submission.sha256 = catalog::submission_sha256({file});
  report.duration_s = verdict.duration_s;
  report.exercises = {verdict};
  return report;
}

}  // namespace kata::cli
