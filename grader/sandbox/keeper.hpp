// The process between kata and a command: it starts the command, and outlives it to end and reap
// everything that the command has left behind, also what has moved to a session of its own.
//
//   kata ── keeper (collects orphans) ── bubblewrap ── first process of the box ── command
//                                      └ or the command itself, without a box
//
// It is a fork of kata that never returns and calls nothing but system calls, so that kata may have
// threads. It dies with kata, and everything in a box dies with it.
#pragma once

#include <sys/types.h>

#include <array>

#include "sandbox/run.hpp"

namespace kata::sandbox {

/// What the keeper and its child write to `report`.
struct KeeperReport {
  enum class Kind : int {
    not_started,  // value: errno of the system call that failed
    ended,        // value: the command's wait status
  };
  Kind kind = Kind::ended;
  int value = 0;
};

struct Start {
  const char* program = nullptr;  // a path: nothing is searched for
  char* const* argv = nullptr;
  char* const* environment = nullptr;
  const char* folder = "/";
  const Limits* limits = nullptr;
  bool no_new_privileges = false;                // bubblewrap sees to it itself, and may be setuid
  std::array<int, 5> files{-1, -1, -1, -1, -1};  // become 0, 1, ...; -1: closed
  int report = -1;
  int go = -1;  // the keeper starts the command when there is a byte to read
};

/// The keeper's process id, or -1 with errno. SIGTERM makes it end the command and all that it
/// started; it exits when they are gone.
pid_t start_keeper(const Start& start);

}  // namespace kata::sandbox
