// Tries each layer where it matters: in a box, by a shell that looks around and tries to get out,
// and with child processes that overstep a limit. What a layer claims here, it has just shown.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <sstream>

#include "sandbox/box.hpp"
#include "sandbox/cgroup.hpp"
#include "sandbox/refusal.hpp"
#include "sandbox/run.hpp"

namespace kata::sandbox {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kAddressSpace = std::uint64_t{1} << 30;

// Prints "word rest" lines. The box has the machine's /proc, which shows every process its own
// state; a real box has none.
constexpr const char* kLookAround = R"(
echo "pid $$"
while read -r line; do echo "status $line"; done </proc/self/status
while read -r line; do echo "network $line"; done </proc/self/net/dev
while read -r line; do echo "limit $line"; done </proc/self/limits
for name in /etc/passwd /home /root /var /run /tmp /sys; do [ -e "$name" ] && echo "sees $name"; done
for name in /probe /usr/probe /proc/probe; do (: >"$name") 2>&- && echo "writes $name"; done
unshare --user true 2>&- && echo "unshares"
echo "done"
)";

// The shell and what it needs, wherever this distribution has it.
Box shell_box() {
  Box box;
  box.binds = {{"/usr", "/usr", false}, {"/proc", "/proc", false}};
  for (const char* name : {"/bin", "/lib", "/lib64"}) {
    std::error_code error;
    if (fs::is_symlink(name, error)) {
      box.links.emplace_back(fs::read_symlink(name, error).string(), name);
    } else if (fs::exists(name, error)) {
      box.binds.push_back({name, name, false});
    }
  }
  return box;
}

Finished look_around() {
  Command command;
  command.argv = {"/bin/sh", "-c", kLookAround};
  command.environment = {{"PATH", "/usr/bin:/bin"}};
  command.box = shell_box();
  command.limits.wall_seconds = 10;
  command.limits.memory_bytes = kAddressSpace;
  return run(command);
}

// What the shell in the box has seen.
class Sight {
 public:
  explicit Sight(const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) lines_.push_back(line);
  }
  // The rest of each line that begins so, without the blanks before it.
  std::vector<std::string> after(const std::string& start) const {
    std::vector<std::string> rests;
    for (const std::string& line : lines_) {
      if (line.rfind(start, 0) != 0) continue;
      const std::size_t at = line.find_first_not_of(" \t", start.size());
      rests.push_back(at == std::string::npos ? std::string{} : line.substr(at));
    }
    return rests;
  }
  bool says(const std::string& start, const std::string& rest) const {
    const std::vector<std::string> rests = after(start);
    return rests.size() == 1 && rests.front() == rest;
  }

 private:
  std::vector<std::string> lines_;
};

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

Layer layer(const char* name, bool active, const std::string& here, const std::string& broken) {
  return {name, active, active ? here : broken};
}

Layer bubblewrap_layer() {
  Command command;
  command.argv = {"bwrap", "--version"};
  command.limits.wall_seconds = 10;
  const Finished finished = run(command);
  return layer("bubblewrap", finished.ok(), finished.out.substr(0, finished.out.find('\n')),
               "There is no bwrap that runs here. Fix: install the package bubblewrap.");
}

Layer user_layer(const Sight& sight) {
  const bool nobody = sight.says("status Uid:", "65534\t65534\t65534\t65534");
  const bool powerless = sight.says("status CapEff:", "0000000000000000") &&
                         sight.says("status CapBnd:", "0000000000000000");
  return layer(
      "user namespace", nobody && powerless, "a box runs as nobody, without a capability",
      "A box runs, but not as nobody without capabilities: install bubblewrap 0.8 or newer.");
}

Layer network_layer(const Sight& sight) {
  std::vector<std::string> found;
  for (const std::string& line : sight.after("network")) {
    const std::size_t colon = line.find(':');
    if (colon != std::string::npos) found.push_back(line.substr(0, colon));
  }
  const bool alone = found == std::vector<std::string>{"lo"};
  return layer("network namespace", alone, "a box has no network",
               "A box sees the network interfaces " + joined(found) + ".");
}

Layer process_layer(const Sight& sight) {
  return layer("process namespace", sight.says("pid", "2"), "a box sees no process but its own",
               "A box sees the machine's processes: its first one has the number " +
                   joined(sight.after("pid")) + ".");
}

Layer root_layer(const Sight& sight) {
  std::vector<std::string> found = sight.after("sees");
  for (const std::string& name : sight.after("writes")) found.push_back(name + " (to write)");
  return layer("empty root", found.empty(),
               "a box has what was put in, read-only, and nothing else",
               "A box reaches what it was not given: " + joined(found) + ".");
}

Layer seccomp_layer(const Sight& sight) {
  const bool filtered = sight.says("status Seccomp:", "2");
  return layer("seccomp", filtered && sight.after("unshares").empty(),
               "dangerous system calls are refused in a box",
               filtered ? "The filter is in force, but a box may still make namespaces."
                        : "This kernel has no seccomp filters (CONFIG_SECCOMP_FILTER).");
}

Layer privileges_layer(const Sight& sight) {
  return layer("no new privileges", sight.says("status NoNewPrivs:", "1"),
               "setuid programs give a box nothing",
               "A box could gain privileges from setuid programs: update bubblewrap.");
}

// Runs `act` in a child and returns its exit status, -1 when it was killed.
template <typename Act>
int in_child(Act act) {
  const pid_t child = ::_Fork();
  if (child == 0) ::_exit(act());
  int status = 0;
  while (child > 0 && ::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return child > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

Layer limits_layer(const Sight& sight) {
  constexpr rlim_t kSmall = rlim_t{64} << 20;
  const int allocated = in_child([] {
    const rlimit small{kSmall, kSmall};
    if (::setrlimit(RLIMIT_AS, &small) != 0) return 2;
    constexpr int kPrivate = MAP_PRIVATE | MAP_ANONYMOUS;
    const void* memory = ::mmap(nullptr, 4 * kSmall, PROT_READ | PROT_WRITE, kPrivate, -1, 0);
    return memory == MAP_FAILED ? 0 : 1;
  });
  bool arrived = false;
  for (const std::string& line : sight.after("limit Max address space")) {
    arrived = line.rfind(std::to_string(kAddressSpace), 0) == 0;
  }
  return layer("resource limits", allocated == 0 && arrived,
               "memory, CPU time, file size and open files of each process",
               "This kernel does not hold a process to its memory limit (setrlimit).");
}

// How many of eight processes a child in the group could start; -1 when it could not be tried.
int started_in(const Cgroup& group) {
  std::array<int, 2> go{};
  if (::pipe2(go.data(), O_CLOEXEC) != 0) return -1;
  const pid_t child = ::_Fork();
  if (child == 0) {
    char byte = 0;
    if (::read(go[0], &byte, 1) != 1) ::_exit(255);
    std::array<pid_t, 8> started{};
    int count = 0;
    for (pid_t& process : started) {
      process = ::_Fork();
      if (process == 0) {
        for (;;) ::pause();
      }
      if (process > 0) ++count;
    }
    for (const pid_t process : started) {
      if (process > 0) ::kill(process, SIGKILL);
    }
    while (::wait(nullptr) > 0) {
    }
    ::_exit(count);
  }
  const bool added = child > 0 && group.add(child);
  const char byte = 1;
  const bool told = added && ::write(go[1], &byte, 1) == 1;
  ::close(go[1]);
  int status = 0;
  while (child > 0 && ::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  ::close(go[0]);
  return told && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

Layer group_layer() {
  GroupLimits limits;
  limits.processes = 4;
  const Cgroup group(limits);
  Layer made{"control group", group.active(), group.detail(), false};
  if (!made.active) return made;
  const int started = started_in(group);
  if (started == 3) return made;
  made.active = false;
  made.detail += started < 0 ? "; but no process can be put into a group"
                             : "; but a group does not hold back processes";
  return made;
}

std::vector<Layer> try_layers() {
  std::vector<Layer> found{bubblewrap_layer()};
  const Finished seen = found[0].active ? look_around() : Finished{};
  const Sight sight(seen.out);
  if (seen.ok() && sight.says("done", "")) {
    for (const auto& tried : {user_layer, network_layer, process_layer, root_layer, seccomp_layer,
                              privileges_layer, limits_layer}) {
      found.push_back(tried(sight));
    }
  } else {
    const std::string said = seen.err.substr(0, seen.err.find('\n'));
    found.push_back({"user namespace", false,
                     found[0].active ? why_refused(this_machine(), said)
                                     : "It could not be tried: it needs bubblewrap."});
    for (const char* name : {"network namespace", "process namespace", "empty root", "seccomp",
                             "no new privileges", "resource limits"}) {
      found.push_back({name, false, "It could not be tried: no box can be started."});
    }
  }
  found.push_back(group_layer());
  return found;
}

}  // namespace

std::vector<Layer> layers() {
  static const std::vector<Layer> found = try_layers();
  return found;
}

}  // namespace kata::sandbox
