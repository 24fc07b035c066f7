#include "sandbox/shell.hpp"

#include <unistd.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace kata::sandbox::test {

namespace fs = std::filesystem;

Box shell_box() {
  Box box;
  box.binds.push_back({"/usr", "/usr", false});
  box.binds.push_back({"/dev/null", "/dev/null", true});
  for (const char* name : {"/bin", "/lib", "/lib64"}) {
    if (fs::is_symlink(name)) box.links.emplace_back(fs::read_symlink(name).string(), name);
  }
  return box;
}

Command shell(const std::string& script) {
  Command command;
  command.argv = {"/bin/sh", "-c", script};
  command.environment = {{"PATH", "/usr/bin:/bin"}};
  command.limits.cpu_seconds = 2;
  command.limits.wall_seconds = 10;
  command.limits.memory_bytes = std::uint64_t{256} << 20;
  return command;
}

Command boxed_shell(const std::string& script) {
  Command command = shell(script);
  command.box = shell_box();
  return command;
}

std::string text_of(const fs::path& file) {
  const std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();  // a process that has just gone is an empty file, not an exception
  return text.str();
}

void write_text(const fs::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}

int running_with(const std::string& word) {
  int count = 0;
  const std::string wanted = std::string(1, '\0') + word + std::string(1, '\0');
  for (const fs::directory_entry& entry : fs::directory_iterator("/proc")) {
    if (entry.path().filename().string().find_first_not_of("0123456789") != std::string::npos) {
      continue;
    }
    // A zombie's command line is empty.
    if (text_of(entry.path() / "cmdline").find(wanted) != std::string::npos) ++count;
  }
  return count;
}

Folder::Folder() {
  std::string name = (fs::temp_directory_path() / "kata-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = name;
}

Folder::~Folder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace kata::sandbox::test
