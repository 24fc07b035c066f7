// Building the answer itself: compile, join, localise, gate, link.
#pragma once

#include <filesystem>
#include <vector>

#include "builder/builder.hpp"
#include "builder/compile.hpp"
#include "builder/parts.hpp"

namespace kata::builder {

/// What the sources are built with.
struct Subject {
  const catalog::Exercise* exercise = nullptr;
  Setting setting;
  Precompiled prefix;
  std::filesystem::path includes;              // a materialised tree
  std::vector<std::filesystem::path> kernels;  // hidden inside of the subject's object
  std::filesystem::path given;                 // a bundle, or empty
  Runner runner;
};

/// The worker, put at `place`. Throws Fault for what is not the sources' doing.
Built build_worker(const Request& request, const Subject& subject,
                   const std::filesystem::path& place, const std::filesystem::path& cache);

/// The worker that was put at `place` before.
Built kept_worker(const std::filesystem::path& place);

}  // namespace kata::builder
