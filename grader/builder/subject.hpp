// Building the answer itself: compile, join, localise, gate, link.
#pragma once

#include <filesystem>

#include "builder/builder.hpp"
#include "builder/compile.hpp"
#include "builder/parts.hpp"
#include "builder/problem.hpp"

namespace kata::builder {

/// What the sources are built with.
struct Subject {
  const catalog::Exercise* exercise = nullptr;
  Setting setting;
  Precompiled prefix;
  std::filesystem::path includes;  // a materialised tree
  std::filesystem::path given;     // a bundle, or empty
  Runner runner;
  const Parts* parts = nullptr;  // for the kernels, if a source of ours includes one:
  Setting ours;                  // they are hidden inside of the subject's object
};

/// The name that a source is compiled under is ours: the exercise's for a single source, else that
/// of the file shown if it is plain.
Naming naming_of(const Request& request, const Source& source);

/// The worker, put at `place`, or what is wrong with the sources. Throws Fault for what is not
/// their doing.
Problem build_worker(const Request& request, const Subject& subject,
                     const std::filesystem::path& place, const std::filesystem::path& cache);

/// The worker that was put at `place` before.
Built kept_worker(const std::filesystem::path& place);

}  // namespace kata::builder
