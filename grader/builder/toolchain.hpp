// The compiler, the linkers and the libraries that answers are built with: where they are on this
// machine, which files each of them needs, and what tells one toolchain from another.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace kata::builder {

/// A program and every file that it loads to run, by the paths under which it looks for them.
struct Tool {
  std::filesystem::path program;
  std::vector<std::filesystem::path> files;  // the program, its libraries, the loader
};

/// What the linker is given before and after the objects: start files, archives, options.
struct LinkRecipe {
  std::vector<std::string> before, after;
  std::vector<std::filesystem::path> files;  // all that these arguments read
};

struct Toolchain {
  std::string compiler;  // "clang 14.0.6"
  std::string id;        // a hash of the versions of all that takes part
  Tool clang, ld, objcopy, addr2line, mold;
  std::vector<std::filesystem::path> header_folders;  // the compiler's own, in its order
  LinkRecipe static_link;
  LinkRecipe
      sanitized_link;  // dynamic, with the sanitizers' runtime; empty when it is not installed
};

/// Looks at what is installed. What was found is kept in `cache` and used again as long as the
/// tools and the list of packages are unchanged. Throws Fault: a sentence that names the package to
/// install.
Toolchain find_toolchain(const std::filesystem::path& cache);

/// The words of the last line of the compiler's -### output that run a program, quotes removed.
std::vector<std::string> words_of(const std::string& line);
/// Archives for -l arguments, start files as absolute paths, options that matter; out of the words
/// of the linker's command line. Throws Fault when a library is missing.
LinkRecipe recipe_from(const std::vector<std::string>& words);

}  // namespace kata::builder
