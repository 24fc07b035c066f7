// What a source may include besides the system's headers, as a tree of copies: the source sees that
// and nothing else of the project, and its hash says when something must be built again.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "builder/files.hpp"
#include "catalog/catalog.hpp"

namespace kata::builder {

/// The folders of the project, and of packs beside it.
struct Roots {
  std::vector<catalog::Root> all;
  const catalog::Root& project() const { return all.front(); }
};

/// include/kata and worker/assertion.hpp: what the precompiled header is made from.
Tree vocabulary(const Roots& roots);

/// For a submission: the exercise's own headers, and those of what is given.
Tree public_headers(const catalog::Exercise& exercise,
                    const std::vector<const catalog::Exercise*>& given);

/// For the suite's own sources also: kernels/, the files beside the reference (other variants,
/// headers; not the hidden tests), those beside the given references, and worker/mistakes.hpp.
Tree own_headers(const Roots& roots, const catalog::Exercise& exercise,
                 const std::vector<const catalog::Exercise*>& given);

/// For the runtime: worker/ and wire/.
Tree runtime_headers(const Roots& roots);

/// For a binding also the public headers.
Tree worker_headers(const Roots& roots, const catalog::Exercise& exercise,
                    const std::vector<const catalog::Exercise*>& given);

/// The headers of solutions/kernels, as kernels/<name>.
Tree kernel_headers(const Roots& roots);

/// The sources of solutions/kernels, by name.
Tree kernel_sources(const Roots& roots);

}  // namespace kata::builder
