// What run, grade and demo share.
#pragma once

#include <vector>

#include "catalog/submission.hpp"
#include "classroom/grade.hpp"
#include "report/report.hpp"

namespace kata::cli {

/// The exit status: 3 if the grader failed anywhere, 0 if everything graded passed, else 1.
int status_of(const std::vector<report::Exercise>& exercises);

/// One line on standard error where layers are missing; one's own work runs all the same.
void warn_without_sandbox(const classroom::Engine& engine);

report::Report one_exercise_report(classroom::Engine& engine, const std::filesystem::path& folder,
                                   const classroom::GradeOptions& options,
                                   const catalog::SubmissionFile& file,
                                   const report::Exercise& verdict);

}  // namespace kata::cli
