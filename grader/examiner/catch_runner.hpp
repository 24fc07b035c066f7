// Runs the registered test cases, more than once in one process: Catch2's implementation is
// compiled behind this header and nowhere else.
#pragma once

#include <string>
#include <vector>

namespace kata::examiner {

std::vector<std::string> case_names();

/// A pattern of Catch2 that means exactly the case of this name.
std::string exactly(const std::string& name);

/// Runs the cases that match, in the order of their declaration, with our reporter. Throws
/// std::runtime_error if Catch2 refuses the pattern.
void run_cases(const std::string& pattern);

}  // namespace kata::examiner
