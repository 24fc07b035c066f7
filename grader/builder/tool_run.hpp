// One run of a compiler, a linker or objcopy, in a box that holds the tool and what it is shown.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "builder/toolchain.hpp"
#include "sandbox/run.hpp"

namespace kata::builder {

class ToolRun {
 public:
  /// Not boxed: paths are what they are outside. Only for one's own work, on a machine that has no
  /// sandbox.
  ToolRun(const Tool& tool, bool boxed);

  /// Makes a file or folder readable, and returns the path by which the tool knows it.
  std::string show(const std::filesystem::path& outside, const std::string& inside);
  /// The same, and writable.
  std::string lend(const std::filesystem::path& outside, const std::string& inside);
  /// Makes files readable under their own names.
  void show(const std::vector<std::filesystem::path>& files);

  /// A text of the tool's with the names of the inside: they differ only without a box.
  std::string by_inside_names(std::string text) const;

  sandbox::Limits& limits() { return command_.limits; }
  /// `arguments` come after the program's name, `folder` is a path that show() returned.
  sandbox::Finished run(const std::vector<std::string>& arguments, const std::string& folder = "/");

 private:
  std::string bind(const std::filesystem::path& outside, const std::string& inside, bool writable);
  sandbox::Command command_;
  std::vector<std::pair<std::string, std::string>> names_;  // without a box: outside, inside
};

}  // namespace kata::builder
