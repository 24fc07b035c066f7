// One worker process seen from the examiner: its memory, its channel, its limits, its end.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "examiner/loss.hpp"
#include "sandbox/launcher.hpp"
#include "wire/codec.hpp"
#include "wire/messages.hpp"

namespace kata::examiner {

struct WorkerLimits {
  double cpu_seconds = 5;
  std::uint64_t memory_bytes = std::uint64_t{512} << 20;
  sandbox::Profile profile = sandbox::Profile::narrow;
};

/// Memory shared with a worker: two anonymous files. The worker gets the first one read-only.
class SharedMemory {
 public:
  SharedMemory();
  ~SharedMemory();
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;

  const wire::Arenas& arenas() const { return arenas_; }
  int readable() const { return readable_.get(); }
  int writable() const { return writable_.get(); }

 private:
  wire::Arenas arenas_;
  sandbox::Descriptor readable_;
  sandbox::Descriptor writable_;
};

class Worker {
 public:
  /// `program`: an open descriptor of the worker's executable. `variant`: the mistake to make.
  Worker(sandbox::Launcher& launcher, int program, const WorkerLimits& limits,
         const std::string& variant);
  /// Kills the process if it still runs.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  const wire::Arenas& arenas() const { return memory_.arenas(); }
  void request(std::uint32_t function, std::uint32_t count, std::span<const std::byte> arguments);
  /// The next reply; `call` is named in what is thrown when there is none (Loss).
  wire::Reply reply(std::vector<std::byte>& payload, const std::string& call);
  void answer_callback(std::span<const std::byte> bytes);
  /// Standard output and error so far, at most kShown bytes.
  const std::string& printed() const { return printed_; }
  /// Ends the process; what it printed last is still read.
  void end();

  static constexpr std::size_t kShown = std::size_t{16} << 10;
  static constexpr std::size_t kMostPrinted = std::size_t{1} << 20;

 private:
  void send(std::span<const std::byte> bytes);
  void receive(std::byte* to, std::size_t size, const std::string& call);
  void wait_for_socket(const std::string& call);
  void drain(sandbox::Descriptor& pipe);
  [[noreturn]] void lose(Cause cause, std::string detail, std::string signal,
                         const std::string& call);
  [[noreturn]] void lose_by_end(const std::string& call);
  [[noreturn]] void lose_by_refusal(const std::string& call);
  double cpu_seconds() const;
  void kill();

  sandbox::Launcher& launcher_;
  WorkerLimits limits_;
  SharedMemory memory_;
  sandbox::Descriptor socket_, out_, err_;
  sandbox::RunningWorker process_;
  bool running_ = false;
  std::string printed_;
  std::size_t printed_total_ = 0;
};

}  // namespace kata::examiner
