// Explains a crash: the case that crashed is run again in a build with AddressSanitizer and UBSan,
// at the same seed. It names what happened and the learner's line; it never changes a status.
#pragma once

#include <string>
#include <vector>

#include "builder/builder.hpp"
#include "classroom/engine.hpp"
#include "examiner/job.hpp"
#include "report/report.hpp"

namespace kata::classroom {

/// Adds to `result.diagnostics` and to the message of the test that crashed first, where the
/// sanitizers have something to say; otherwise leaves all as it is.
void explain_crash(Engine& engine, const catalog::Exercise& exercise, builder::Request request,
                   examiner::Job job, const std::vector<examiner::Record>& records,
                   report::Exercise& result);

/// What a sanitizer's text says, in a sentence and a place.
struct Explanation {
  std::string what;   // "heap-buffer-overflow: wrote 4 bytes past the end of an array of 20 bytes"
  std::string where;  // "work/optimizers/adam.cpp:12"
};
/// `file` is the learner's file as the build named it. Empty parts when the text says nothing.
Explanation read_sanitizer(const std::string& text, const std::string& file);

}  // namespace kata::classroom
