// One translation unit to one object, or one header to a precompiled one.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "builder/flags.hpp"
#include "builder/sysroot.hpp"
#include "builder/toolchain.hpp"
#include "sandbox/run.hpp"

namespace kata::builder {

/// What all compilations of one flag set share.
struct Setting {
  const Toolchain* toolchain = nullptr;
  const Sysroot* sysroot = nullptr;
  std::filesystem::path eigen;
  std::filesystem::path vocabulary;  // materialised
  Flags flags = Flags::checked;
  bool boxed = true;
};

struct Precompiled {
  std::filesystem::path source, folder;  // prefix.hpp and prefix.pch lie in these
  /// What every source that uses it depends on.
  std::vector<std::string> dependencies() const;
};

struct Unit {
  std::string name;  // adam.cpp: what messages call it
  std::string text;
  std::filesystem::path includes;      // a materialised tree
  Precompiled prefix;                  // no folder: none
  std::vector<std::string> arguments;  // beyond the flag set's
};

struct Compiled {
  sandbox::Finished run;
  std::vector<std::string> dependencies;  // paths as the compiler saw them; only when it succeeded
};

/// Names inside the box, also where messages and dependencies point to.
inline constexpr const char* kToolchainRoot = "/toolchain";
inline constexpr const char* kEigenRoot = "/eigen";
inline constexpr const char* kVocabularyRoot = "/vocabulary";
inline constexpr const char* kIncludeRoot = "/include";
inline constexpr const char* kPrefixRoot = "/prefix";
inline constexpr const char* kPrecompiledRoot = "/precompiled";
inline constexpr const char* kSourceRoot = "/source";
inline constexpr const char* kOutputRoot = "/output";

/// Writes <folder>/output/object.o. `folder` is an empty folder of the caller.
Compiled compile(const Setting& setting, const Unit& unit, const std::filesystem::path& folder);

/// What the compiler may use for one source.
sandbox::Limits compile_limits();

/// The precompiled header for `setting`: the standard library's usual headers, the vocabulary, and
/// Eigen/Dense or Eigen/Core. Made when it is not in the cache. Throws Fault.
Precompiled precompiled_header(const Setting& setting, bool all_of_eigen,
                               const std::filesystem::path& cache);

/// The files named in a depfile after the target.
std::vector<std::string> dependencies_in(const std::string& depfile);

}  // namespace kata::builder
