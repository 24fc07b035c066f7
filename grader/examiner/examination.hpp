// The state of an examination: which subject is examined, which worker answers, what was lost.
// There is one in an examiner process.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include "examiner/junk.hpp"
#include "examiner/replies.hpp"
#include "examiner/worker.hpp"

namespace kata::examiner {

class Examination {
 public:
  static Examination& current();

  // --- Set up by main() for each subject
  void begin_subject(sandbox::Launcher& launcher, int program, const WorkerLimits& limits,
                     std::string variant, std::uint64_t secret);
  void end_subject();
  /// Replays one case: its seed instead of the one drawn from the secret.
  void replay(std::optional<std::uint32_t> case_seed) { replayed_seed_ = case_seed; }

  /// From now on the replies of each case are kept.
  void keep_replies(bool keep) { keep_replies_ = keep; }
  const Replies& replies() const { return replies_; }

  // --- Told by the reporter
  void begin_case(const std::string& name);
  /// A new run of the test case's body: fresh worker, fresh generator.
  void begin_run();
  void end_case();

  // --- Asked by the tests
  /// Set while junk is examined instead of a worker.
  const std::optional<Junk>& junk() const { return junk_; }
  std::mt19937_64& rng() { return rng_; }
  /// The worker that answers; starts one if none runs. Throws Loss: again, if this run has lost its
  /// worker before, and `not_run` once the examination was stopped.
  Worker& worker(const std::string& call);
  /// Throws what the worker's reply says was thrown.
  [[noreturn]] void rethrow(std::uint32_t thrown, const std::string& text, const std::string& call);
  /// Remembers the first loss of the case and throws it.
  [[noreturn]] void lose(Loss loss);
  /// While an objective of the test is being evaluated for the answer.
  bool in_callback() const { return in_callback_; }
  void set_in_callback(bool in) { in_callback_ = in; }
  void abandon_worker();
  /// Keeps the numbers of a reply, while a diagnosis wants them.
  void remember(const wire::Arguments& arguments, std::vector<double> values);
  void remember_thrown(std::uint32_t thrown);

  // --- Asked by the reporter
  const std::optional<Loss>& loss() const { return loss_; }
  std::uint32_t case_seed() const { return case_seed_; }
  std::string printed() const { return printed_; }
  const std::string& last_call() const { return last_call_; }

 private:
  void drop_worker();

  sandbox::Launcher* launcher_ = nullptr;
  int program_ = -1;
  WorkerLimits limits_;
  std::string variant_;
  std::optional<Junk> junk_;
  std::uint64_t secret_ = 0;
  std::optional<std::uint32_t> replayed_seed_;
  std::uint32_t case_seed_ = 0;
  std::uint32_t runs_ = 0;
  std::mt19937_64 rng_;
  std::unique_ptr<Worker> worker_;
  std::optional<Loss> loss_;  // of this case
  bool lost_in_run_ = false;
  bool in_callback_ = false;
  bool stopped_ = false;  // no further case is worth running
  int time_outs_ = 0;
  bool keep_replies_ = false;
  Replies replies_;
  std::string printed_;
  std::string last_call_;
};

/// The seed of a case: the same secret and name give the same one.
std::uint32_t case_seed(std::uint64_t secret, const std::string& name);
/// Four hexadecimal digits that tell the cases of an exercise apart.
std::uint16_t case_tag(const std::string& name);

}  // namespace kata::examiner
