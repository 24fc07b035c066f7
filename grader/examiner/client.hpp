// kata's end of an examiner: starts it, hands it a job, takes its records.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "examiner/job.hpp"
#include "sandbox/descriptor.hpp"

namespace kata::examiner {

class Client {
 public:
  /// Starts the examiner, which starts its sandbox and waits for the job.
  Client(const std::filesystem::path& program, const std::filesystem::path& launcher,
         bool sandboxed);
  /// Kills the examiner if it still runs; its sandbox dies with it.
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void send(const Job& job);

  enum class Next { record, end, late };
  /// The next record; `end` when there is none to come; `late` after `seconds` without one.
  Next next(Record& record, double seconds);
  /// How the examiner ended, in words; empty when it ended well. Call after `end`.
  std::string finish();

 private:
  sandbox::Descriptor socket_;
  sandbox::Descriptor error_;
  pid_t process_ = -1;
};

/// Everything that an examiner says about a job. Whatever goes wrong with the examiner itself is a
/// record of kind fault, so that no caller can overlook it.
std::vector<Record> examine(Client& client, const Job& job, double deadline_seconds);

}  // namespace kata::examiner
