// From what an examiner says to what a report holds.
#pragma once

#include <vector>

#include "catalog/catalog.hpp"
#include "examiner/job.hpp"
#include "report/report.hpp"

namespace kata::classroom {

/// Tests, status and diagnostics of subject number `subject`; a fault anywhere is grader_fault.
void apply_records(report::Exercise& exercise, const std::vector<examiner::Record>& records,
                   std::uint32_t subject);

/// More than any examination of one subject takes; an examiner that is later is broken.
double examination_deadline(const catalog::Exercise& exercise);

}  // namespace kata::classroom
