// The command line of bubblewrap. Mounts are made in the order of the arguments, so what hides
// something comes after what it hides, and the root becomes read-only last.
#include "sandbox/box.hpp"

#include <sys/stat.h>

namespace kata::sandbox {
namespace {

using Arguments = std::vector<std::string>;

void append(Arguments& arguments, std::initializer_list<std::string> more) {
  arguments.insert(arguments.end(), more);
}

// A device such as /dev/null is dead behind an ordinary bind, which is mounted nodev.
bool is_device(const std::filesystem::path& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISCHR(status.st_mode);
}

void append_bind(Arguments& arguments, const Bind& bind) {
  const char* kind = is_device(bind.source) ? "--dev-bind" : bind.writable ? "--bind" : "--ro-bind";
  append(arguments, {kind, bind.source.string(), bind.target.string()});
}

}  // namespace

std::vector<std::string> bubblewrap(const Box& box) {
  Arguments arguments{"bwrap"};
  append(arguments, {"--unshare-all", "--unshare-user", "--uid", "65534", "--gid", "65534"});
  append(arguments, {"--hostname", "box", "--cap-drop", "ALL", "--new-session"});
  append(arguments, {"--die-with-parent", "--clearenv"});
  for (const Bind& bind : box.binds) append_bind(arguments, bind);
  for (const auto& [target, name] : box.links) append(arguments, {"--symlink", target, name});
  for (const std::filesystem::path& folder : box.scratch) {
    append(arguments, {"--size", std::to_string(box.scratch_bytes), "--tmpfs", folder.string()});
  }
  for (const std::filesystem::path& folder : box.empty_folders) {
    append(arguments, {"--tmpfs", folder.string(), "--remount-ro", folder.string()});
  }
  if (box.own_proc) append(arguments, {"--proc", "/proc"});
  append(arguments, {"--remount-ro", "/", "--"});
  return arguments;
}

}  // namespace kata::sandbox
