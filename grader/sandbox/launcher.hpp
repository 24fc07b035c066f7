// The examiner's side of the launcher: one box, in which one worker after another is started.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "sandbox/box.hpp"
#include "sandbox/descriptor.hpp"
#include "sandbox/launcher_protocol.hpp"

namespace kata::sandbox {

/// The sandbox itself failed: never the answer's fault.
struct LauncherError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// What a worker is born with.
struct WorkerDescriptors {
  int program, out, err, socket, readable, writable;
};

/// A worker that runs.
struct RunningWorker {
  Descriptor pidfd;     // to kill it, and to see it die
  Descriptor listener;  // refused system calls arrive here
  pid_t pid = 0;        // as seen from outside
};

/// How a worker ended.
struct EndedWorker {
  int wait_status = 0;
  std::int64_t peak_bytes = 0;
  double cpu_seconds = 0;
};

class Launcher {
 public:
  /// Starts `program` (the launcher) in a box that is empty but for it; returns at once.
  /// `sandboxed` false: without a box (the caller has said so to the user).
  explicit Launcher(const std::filesystem::path& program, Profile profile, bool sandboxed);
  ~Launcher();
  Launcher(const Launcher&) = delete;
  Launcher& operator=(const Launcher&) = delete;

  /// Only one worker runs at a time. Throws LauncherError.
  RunningWorker start(const LauncherRequest& request, const WorkerDescriptors& descriptors);
  /// Waits until the running worker is gone and returns how. Kill it first if it may not want to
  /// go.
  EndedWorker wait_end();
  /// To be watched while a worker runs: readable when the worker ended or the launcher died.
  int descriptor() const { return socket_.get(); }

 private:
  LauncherReply receive(Descriptor* pidfd, Descriptor* listener);
  std::string last_words();

  Descriptor socket_;
  Descriptor error_;  // standard error of bubblewrap and the launcher
  pid_t process_ = -1;
  bool ready_ = false;
};

}  // namespace kata::sandbox
