// A box: what a sandboxed process sees and may use. Two kinds of user: the builder runs one tool in
// a box and waits for it (run.hpp); the examiner keeps a launcher in a box, which starts the
// workers (launcher.hpp).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace kata::sandbox {

struct Bind {
  std::filesystem::path source;  // outside
  std::filesystem::path target;  // inside
  bool writable = false;
};

struct Box {
  std::vector<Bind> binds;
  std::vector<std::pair<std::string, std::string>> links;  // symbolic links: target, name inside
  std::vector<std::filesystem::path> scratch;              // folders that start as empty tmpfs
  std::vector<std::filesystem::path> empty_folders;  // hidden behind an empty read-only folder
  bool own_proc = false;                             // a /proc of its own process namespace
  std::uint64_t scratch_bytes = std::uint64_t{256} << 20;
};

/// The command line of bubblewrap for this box, up to and including "--": every namespace unshared,
/// a user namespace always, uid and gid nobody, no capability, new session, dies with its parent,
/// root empty and read-only but for the binds, environment cleared.
std::vector<std::string> bubblewrap(const Box& box);

/// One layer of the sandbox, tried in a box of its own.
struct Layer {
  std::string name;  // "user namespace", "seccomp", ...
  bool active = false;
  std::string detail;    // what it does here; or why it is missing and how to get it
  bool required = true;  // someone else's code is refused without it
};

/// What holds here, tried once in the life of the process: each layer that is missing has the
/// reason and the fix (no bubblewrap, user namespaces refused by Ubuntu 24.04's AppArmor or by
/// Docker, ...).
std::vector<Layer> layers();

}  // namespace kata::sandbox
