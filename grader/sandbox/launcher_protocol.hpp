// What the examiner and the launcher say to each other, over a SOCK_SEQPACKET socket: one message a
// packet, descriptors as SCM_RIGHTS.
#pragma once

#include <cstdint>

namespace kata::sandbox {

/// How tight the filter of a worker is.
enum class Profile : std::uint32_t {
  narrow = 0,    // the list of what an answer needs: everything else is refused by name
  sanitized = 1  // what AddressSanitizer needs as well; explains, never decides
};

/// Examiner to launcher. With `start` come six descriptors: the program, then those that become
/// 1, 2, 3, 4 and 5 in the worker.
struct LauncherRequest {
  enum class Kind : std::uint32_t { start = 1 };
  Kind kind = Kind::start;
  Profile profile = Profile::narrow;
  std::uint64_t address_space = 0;  // bytes; 0: no limit
  std::uint64_t stack = 0;          // bytes
  std::uint64_t cpu_seconds = 0;
};

/// Launcher to examiner. With `started` come two descriptors: a pidfd of the worker, and the
/// listener of its system-call filter.
struct LauncherReply {
  enum class Kind : std::uint32_t { ready = 1, started = 2, ended = 3, failed = 4 };
  Kind kind = Kind::ready;
  std::int32_t wait_status = 0;       // ended: as waitpid gives it
  std::int32_t error = 0;             // failed: errno
  std::int64_t peak_bytes = 0;        // ended: resident memory
  std::int64_t cpu_microseconds = 0;  // ended
  char step[32] = {};                 // failed: what was tried
};

inline constexpr int kLauncherSocket = 3;  // in the launcher

}  // namespace kata::sandbox
