// The headers that a compiler in a box may see, copied once into the cache: the compiler's own,
// those of the C and C++ libraries and of Linux, Highway's, and Eigen without `unsupported/`.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "builder/toolchain.hpp"

namespace kata::builder {

struct Sysroot {
  std::filesystem::path folder;
  std::vector<std::string> includes;  // folders in it, in the order in which they are searched
};
/// Made if it is not there yet. Throws Fault.
Sysroot make_sysroot(const Toolchain& toolchain, const std::filesystem::path& cache);

/// Eigen without the modules in `forbidden` ("Eigen/SVD"; other names are no business of this
/// function): neither the module's header nor its sources exist there.
std::filesystem::path make_eigen(const Toolchain& toolchain,
                                 const std::vector<std::string>& forbidden,
                                 const std::filesystem::path& cache);

/// Whether `header` is one that make_eigen can leave out.
bool is_eigen_module(const std::string& header);

}  // namespace kata::builder
