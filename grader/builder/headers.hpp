// Which headers an answer may include. What it may not is absent while it is compiled; here the
// reason is put into words, and the compiler's list of files is the second check.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace kata::builder {

/// "Eigen/SVD" for /eigen/Eigen/SVD, "vector" for the library's: as it is included. Nothing for a
/// file that lies in none of the folders that are searched.
std::optional<std::string> included_as(const std::string& path);

/// Whether one of our own sources includes a kernel, and must be linked with them.
bool uses_kernels(const std::vector<std::string>& dependencies);

/// What is wrong with these dependencies of the source `compiled_as`: a sentence, or nothing.
/// `always` are the files that every build depends on. Throws Fault if the manifest forbids one of
/// those.
std::string forbidden_dependency(const std::vector<std::string>& dependencies,
                                 const std::vector<std::string>& always,
                                 const std::vector<std::string>& forbidden,
                                 const std::string& compiled_as);

/// Why a header that was not found is not there; empty if it just does not exist. `included_by`:
/// the header that wanted it; empty when the source itself did.
std::string forbidden_header(const std::string& header, const std::string& included_by,
                             const std::vector<std::string>& forbidden);

}  // namespace kata::builder
