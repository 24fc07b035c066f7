// Names the misconception behind a wrong answer: the mutant that gives the same replies at the same
// seeds. Several that cannot be told apart are named together; when none fits, nothing is claimed.
#pragma once

#include <string>
#include <vector>

#include "builder/builder.hpp"
#include "classroom/engine.hpp"
#include "examiner/job.hpp"
#include "report/report.hpp"

namespace kata::classroom {

/// `worker`: the answer, built `checked`. `job`: the one that examined it. Adds to
/// `result.misconceptions`, in the language `lang`.
void diagnose(Engine& engine, const catalog::Exercise& exercise, const std::string& worker,
              examiner::Job job, const std::vector<examiner::Record>& records,
              const std::string& lang, report::Exercise& result);

}  // namespace kata::classroom
