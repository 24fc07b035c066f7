// Runs one tool in a box, or without one, and waits for it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sandbox/box.hpp"

namespace kata::sandbox {

struct Limits {
  double cpu_seconds = 20;
  double wall_seconds = 60;
  std::uint64_t memory_bytes = std::uint64_t{2} << 30;  // address space
  std::uint64_t file_bytes = std::uint64_t{64} << 20;   // largest file written
  std::uint64_t output_bytes = std::uint64_t{1} << 20;  // standard output and error together
  std::uint32_t processes = 64;  // in the box at a time, threads too; where control groups work
};

struct Command {
  std::vector<std::string> argv;
  std::vector<std::pair<std::string, std::string>> environment;  // nothing else is inherited
  std::filesystem::path folder = "/";                            // inside the box
  std::string input;                                             // standard input
  std::optional<Box> box;                                        // none: no sandbox
  Limits limits;
};

struct Finished {
  enum class How { exited, signalled, timed_out, output_limit, not_started };
  How how = How::not_started;
  int code = 0;  // exit status or signal
  std::string out, err;
  std::string reason;                        // not_started: a sentence
  double wall_seconds = 0, cpu_seconds = 0;  // of all its processes
  bool out_of_memory = false;                // seen by the kernel; needs a control group
  bool ok() const { return how == How::exited && code == 0; }
};

/// Reads output while the command runs. At a limit, and when the command ends, everything that it
/// started is killed and gone before this returns. Never throws for what the command does. May be
/// called by several threads at a time.
Finished run(const Command& command);

}  // namespace kata::sandbox
