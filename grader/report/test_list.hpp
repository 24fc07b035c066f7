// The list of tests: two columns of marks, public tests by name, hidden ones by property.
#pragma once

#include <string>

#include "report/pen.hpp"
#include "report/report.hpp"

namespace kata::report {

/// The tests of one visibility, with its name before the first line; empty if there are none.
std::string tests_block(const Exercise& exercise, bool hidden, const Pen& pen);

/// The test that decides the verdict, or null.
const Test* first_failure(const Exercise& exercise);

/// "adam: three steps" says "three steps" under the heading of adam.
std::string without_prefix(const std::string& name, const std::string& id);

}  // namespace kata::report
