// A control group of our own: the only limit on the memory and the number of processes of a whole
// box together (rlimits count each process by itself, and RLIMIT_NPROC doesn't bind root).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace kata::sandbox {

struct GroupLimits {
  std::uint64_t memory_bytes = std::uint64_t{2} << 30;  // all processes and their tmpfs together
  std::uint32_t processes = 64;                         // threads count too
};

/// Made below the group that kata itself is in, or beside it, version 2 or version 1 (memory and
/// pids), and removed by the destructor: reap the processes first. Where the kernel's files are not
/// ours to write, the group is inactive and everything here does nothing.
class Cgroup {
 public:
  explicit Cgroup(const GroupLimits& limits);
  ~Cgroup();
  Cgroup(Cgroup&& other) noexcept;
  Cgroup& operator=(Cgroup&&) = delete;
  Cgroup(const Cgroup&) = delete;
  Cgroup& operator=(const Cgroup&) = delete;

  bool active() const { return !folders_.empty(); }
  /// "cgroup v1: memory at /sys/fs/cgroup/memory/..., pids at ..."; or why there is none.
  const std::string& detail() const { return detail_; }
  /// The process and whatever it starts from now on. False when it was not possible.
  bool add(pid_t process) const;
  /// Whether the kernel killed a process of this group because its memory was used up.
  bool oom_killed() const;

 private:
  bool make_v2(const GroupLimits& limits);
  bool make_v2_in(const std::filesystem::path& parent, const GroupLimits& limits);
  bool make_v1(const GroupLimits& limits);
  void remove();

  std::vector<std::filesystem::path> folders_;
  std::filesystem::path events_;  // the file that counts kills for lack of memory
  std::string detail_;
};

}  // namespace kata::sandbox
