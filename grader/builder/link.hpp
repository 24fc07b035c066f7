// What comes after the compiler: joining objects, hiding all but a few names, and the static link.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "builder/toolchain.hpp"
#include "sandbox/run.hpp"

namespace kata::builder {

/// Joins `objects` into <folder>/output/joined.o: COMDAT groups become ordinary sections, so that
/// their symbols can be hidden. `folder` is the caller's.
sandbox::Finished join(const Toolchain& toolchain, bool boxed,
                       const std::vector<std::filesystem::path>& objects,
                       const std::filesystem::path& folder);

/// Makes every definition in <folder>/output/joined.o local but for `names`, as
/// <folder>/output/localised.o.
sandbox::Finished localise(const Toolchain& toolchain, bool boxed,
                           const std::vector<std::string>& names,
                           const std::filesystem::path& folder);

/// Links <folder>/output/worker: a static program, or, sanitized, a dynamic one.
sandbox::Finished link(const Toolchain& toolchain, bool boxed, bool sanitized,
                       const std::vector<std::filesystem::path>& objects,
                       const std::filesystem::path& folder);

}  // namespace kata::builder
