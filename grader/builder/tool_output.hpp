// What a trusted tool of the system prints. Only for questions that no answer takes part in: where
// is a library, which version is this.
#pragma once

#include <string>
#include <vector>

namespace kata::builder {

/// Standard output of a command that must succeed. Throws Fault.
std::string output_of(const std::vector<std::string>& argv);
/// Standard error of a command that must succeed. Throws Fault.
std::string errors_of(const std::vector<std::string>& argv);

}  // namespace kata::builder
