// Little shell programs, in a box and without one: most of them mean harm.
#pragma once

#include <string>

#include "sandbox/run.hpp"

namespace kata::sandbox::test {

/// A box with the machine's programs, /dev/null (a shell needs it for `&`), and nothing else.
Box shell_box();

/// `/bin/sh -c script` with limits for tests: two seconds, 256 MB, 1 MB of output.
Command shell(const std::string& script);
Command boxed_shell(const std::string& script);

/// How many processes of this machine have `word` as one word of their command line, zombies apart.
int running_with(const std::string& word);

/// A fresh folder, gone with its owner.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

std::string text_of(const std::filesystem::path& file);
void write_text(const std::filesystem::path& file, const std::string& text);

}  // namespace kata::sandbox::test
