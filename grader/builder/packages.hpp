// Which of the files below /usr/include an answer may see: those of a few packages, and no others.
// Without this, whatever is installed beside them (dlib, armadillo, a deep-learning library) could
// do the exercise.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace kata::builder {

/// "name version" lines of the packages that headers and libraries come from.
std::string package_versions(const std::vector<std::filesystem::path>& header_folders);

/// The regular files of a package. Throws Fault when it is not installed.
std::vector<std::filesystem::path> files_of(const std::string& package);
bool is_installed(const std::string& package);

}  // namespace kata::builder
