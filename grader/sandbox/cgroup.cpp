// Version 2 has one tree; version 1 has a tree for each controller. /proc/self/cgroup says where
// kata is in each, and /proc/self/mountinfo where the trees are mounted.
#include "sandbox/cgroup.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <mutex>
#include <set>
#include <sstream>
#include <utility>

namespace kata::sandbox {
namespace {

namespace fs = std::filesystem;

// Whether `word` is one of the comma-separated `words`.
bool has_word(const std::string& words, const std::string& word) {
  return ("," + words + ",").find("," + word + ",") != std::string::npos;
}

// Where the tree of a version 1 controller, or of version 2 (empty name), is mounted, and which of
// its folders the mount shows as its root.
struct Mount {
  fs::path point, root;
};

Mount mount_of(const std::string& controller) {
  std::ifstream mounts("/proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);) {
    const std::size_t dash = line.find(" - ");
    if (dash == std::string::npos) continue;
    std::istringstream left(line.substr(0, dash));
    std::istringstream right(line.substr(dash + 3));
    std::string id, parent, device, root, point, type, source, options;
    left >> id >> parent >> device >> root >> point;
    right >> type >> source >> options;
    const bool wanted =
        controller.empty() ? type == "cgroup2" : type == "cgroup" && has_word(options, controller);
    if (wanted) return {point, root};
  }
  return {};
}

// The folder of the group that this process is in; empty when there is none to be seen.
fs::path own_folder(const std::string& controller) {
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const bool wanted =
        controller.empty() ? controllers.empty() : has_word(controllers, controller);
    if (!wanted) continue;
    const Mount mount = mount_of(controller);
    if (mount.point.empty()) return {};
    const fs::path inside = fs::path(line.substr(second + 1)).lexically_relative(mount.root);
    const bool outside = inside.empty() || inside == "." || *inside.begin() == "..";
    return outside ? mount.point : mount.point / inside;
  }
  return {};
}

bool write(const fs::path& file, const std::string& value) {
  std::ofstream stream(file);
  stream << value << std::flush;
  return stream.good();
}

std::string unused_name() {
  static std::atomic<unsigned> number{0};
  return "kata-" + std::to_string(::getpid()) + "-" + std::to_string(number++);
}

std::string first_word(const fs::path& file) {
  std::ifstream stream(file);
  std::string word;
  stream >> word;
  return word;
}

// Whether groups below this version 2 group have the controller.
bool hands_down(const fs::path& group, const std::string& controller) {
  std::ifstream stream(group / "cgroup.subtree_control");
  for (std::string word; stream >> word;) {
    if (word == controller) return true;
  }
  return false;
}

// A kata that was killed leaves its groups behind: empty, and harmless but for their number. The
// kernel refuses to remove a group that is in use.
void sweep(const fs::path& parent) {
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(parent, ignored)) {
    const std::string name = entry.path().filename().string();
    int owner = 0;
    if (std::sscanf(name.c_str(), "kata-%d-", &owner) != 1 || owner <= 0) continue;
    if (::kill(owner, 0) != 0 && errno == ESRCH) ::rmdir(entry.path().c_str());
  }
}

bool make_folder(const fs::path& folder) {
  static std::mutex mutex;
  static std::set<fs::path> swept;
  {
    const std::lock_guard lock(mutex);
    if (swept.insert(folder.parent_path()).second) sweep(folder.parent_path());
  }
  return ::mkdir(folder.c_str(), 0755) == 0;
}

std::uint64_t number_after(const fs::path& file, const std::string& key) {
  std::ifstream stream(file);
  std::string name;
  for (std::uint64_t value = 0; stream >> name >> value;) {
    if (name == key) return value;
  }
  return 0;
}

}  // namespace

Cgroup::Cgroup(const GroupLimits& limits) {
  if (make_v2(limits)) return;
  const std::string about_v2 = std::exchange(detail_, {});
  remove();
  if (make_v1(limits)) return;
  remove();
  detail_ = detail_.empty() ? about_v2 : detail_;
  if (detail_.empty()) detail_ = "no cgroup file system is mounted";
}

Cgroup::~Cgroup() {
  remove();
}

Cgroup::Cgroup(Cgroup&& other) noexcept
    : folders_(std::move(other.folders_)),
      events_(std::move(other.events_)),
      detail_(std::move(other.detail_)) {
  other.folders_.clear();
}

void Cgroup::remove() {
  for (const fs::path& folder : folders_) ::rmdir(folder.c_str());
  folders_.clear();
}

// A version 2 group hands controllers down only when it has no process of its own, and kata is in
// its own group: so the new group is usually a brother of that one. Going up ends where a limit on
// memory would be left behind.
bool Cgroup::make_v2(const GroupLimits& limits) {
  const fs::path own = own_folder("");
  if (own.empty()) return false;
  detail_ =
      "cgroup v2: neither " + own.string() +
      " nor a group above it is ours to divide; run kata as `systemd-run --user --scope kata`";
  const fs::path top = mount_of("").point;
  for (fs::path parent = own;; parent = parent.parent_path()) {
    if (hands_down(parent, "memory") && hands_down(parent, "pids") && make_v2_in(parent, limits)) {
      return true;
    }
    const std::string most = first_word(parent / "memory.max");
    if (parent == top || (!most.empty() && most != "max")) return false;
  }
}

bool Cgroup::make_v2_in(const fs::path& parent, const GroupLimits& limits) {
  const fs::path folder = parent / unused_name();
  if (!make_folder(folder)) return false;
  folders_.push_back(folder);
  if (!write(folder / "memory.max", std::to_string(limits.memory_bytes)) ||
      !write(folder / "pids.max", std::to_string(limits.processes))) {
    remove();
    return false;
  }
  write(folder / "memory.swap.max", "0");
  write(folder / "memory.oom.group", "1");
  events_ = folder / "memory.events";
  detail_ = "cgroup v2: memory and pids in " + parent.string();
  return true;
}

bool Cgroup::make_v1(const GroupLimits& limits) {
  for (const char* controller : {"memory", "pids"}) {
    const fs::path own = own_folder(controller);
    if (own.empty()) return false;
    const fs::path folder = own / unused_name();
    if (!make_folder(folder)) {
      detail_ = "cgroup v1: no group can be made in " + own.string() + " (" + std::strerror(errno) +
                "); root may make one";
      return false;
    }
    folders_.push_back(folder);
    detail_ +=
        (detail_.empty() ? "cgroup v1: " : ", ") + std::string(controller) + " at " + own.string();
  }
  const std::string bytes = std::to_string(limits.memory_bytes);
  if (!write(folders_[0] / "memory.limit_in_bytes", bytes) ||
      !write(folders_[1] / "pids.max", std::to_string(limits.processes))) {
    detail_ = "cgroup v1: the limits of the group in " + folders_[0].parent_path().string() +
              " can't be written";
    return false;
  }
  write(folders_[0] / "memory.memsw.limit_in_bytes", bytes);  // where swap is accounted for
  events_ = folders_[0] / "memory.oom_control";
  return true;
}

bool Cgroup::add(pid_t process) const {
  bool added = active();
  for (const fs::path& folder : folders_) {
    added = write(folder / "cgroup.procs", std::to_string(process)) && added;
  }
  return added;
}

bool Cgroup::oom_killed() const {
  return active() && number_after(events_, "oom_kill") > 0;
}

}  // namespace kata::sandbox
