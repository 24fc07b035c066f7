// Grades: one exercise, or a whole submission.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "catalog/submission.hpp"
#include "classroom/engine.hpp"
#include "report/report.hpp"

namespace kata::classroom {

struct GradeOptions {
  std::uint64_t secret = 0;  // seeds derive from it and from the submission's hash
  std::string replay;        // run one case again, at its seed
  bool own = false;          // the suite's own sources: solutions/
  double deadline_s = 0;     // 0: none. What is not begun by then is not_run
  int jobs = 1;              // exercises at a time
  std::string lang = "en";   // of misconceptions
  std::string shown_as;      // how the submission's folder is named in messages: "work"
};

/// One exercise. Whatever the answer does, this gives a verdict; when the grader fails, it is
/// grader_fault (tried once more first).
report::Exercise grade_exercise(Engine& engine, const catalog::Exercise& exercise,
                                const catalog::SubmissionFile& file, const GradeOptions& options);

/// The exercises `ids` (all that the folder holds, if empty) of the submission in `folder`.
/// `progress` is told each verdict as it comes, from one thread at a time.
report::Report grade_submission(Engine& engine, const std::filesystem::path& folder,
                                const std::vector<const catalog::Exercise*>& which,
                                const GradeOptions& options,
                                const std::function<void(const report::Exercise&)>& progress);

/// Everything of a report but its exercises.
report::Report blank_report(Engine& engine, const std::filesystem::path& folder,
                            const GradeOptions& options);

/// A fresh secret from the system.
std::uint64_t fresh_secret();

}  // namespace kata::classroom
