// Which kata this is.
#pragma once

#include <filesystem>
#include <string>

namespace kata::classroom {

inline constexpr const char* kVersion = KATA_VERSION;

/// The commit that is checked out in `root`, or "unknown" where there is no repository.
std::string commit_of(const std::filesystem::path& root);

}  // namespace kata::classroom
