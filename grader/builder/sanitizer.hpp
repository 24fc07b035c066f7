// A sanitizer in a sandbox can't start a symboliser: it gives addresses. Here they become lines.
#pragma once

#include <filesystem>
#include <string>

#include "builder/messages.hpp"
#include "builder/toolchain.hpp"

namespace kata::builder {

/// `report` with functions, files and lines after each address of `worker`, inlined calls included,
/// and the author's file under the name that the author knows.
std::string with_lines(const Toolchain& toolchain, bool boxed, const std::filesystem::path& worker,
                       const std::string& report, const Naming& naming);

/// The text with the name that the compiler knew the source by replaced by the one to show.
std::string renamed(std::string text, const Naming& naming);

}  // namespace kata::builder
