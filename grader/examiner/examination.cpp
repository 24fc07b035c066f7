#include "examiner/examination.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace kata::examiner {

namespace {

constexpr int kMostTimeOuts = 3;

std::uint64_t mix(std::uint64_t x) {  // the finaliser of splitmix64
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9ULL;
  x ^= x >> 27;
  x *= 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

std::uint64_t hash(std::uint64_t seed, const std::string& text) {  // FNV-1a, then mixed
  std::uint64_t h = mix(seed ^ 0x9e3779b97f4a7c15ULL) ^ 0xcbf29ce484222325ULL;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return mix(h);
}

}  // namespace

std::uint32_t case_seed(std::uint64_t secret, const std::string& name) {
  return static_cast<std::uint32_t>(hash(secret, name) >> 32);
}
std::uint16_t case_tag(const std::string& name) {
  return static_cast<std::uint16_t>(hash(0, name));
}

Examination& Examination::current() {
  static Examination examination;
  return examination;
}

void Examination::begin_subject(sandbox::Launcher& launcher, int program,
                                const WorkerLimits& limits, std::string variant,
                                std::uint64_t secret) {
  launcher_ = &launcher;
  program_ = program;
  limits_ = limits;
  variant_ = std::move(variant);
  junk_ = junk_of(variant_);
  secret_ = secret;
  stopped_ = false;
  time_outs_ = 0;
}

void Examination::end_subject() {
  drop_worker();
  program_ = -1;
}

void Examination::begin_case(const std::string& name) {
  loss_.reset();
  replies_.clear();
  printed_.clear();
  last_call_.clear();
  runs_ = 0;
  case_seed_ = replayed_seed_ ? *replayed_seed_ : examiner::case_seed(secret_, name);
}

void Examination::begin_run() {
  drop_worker();
  lost_in_run_ = false;
  in_callback_ = false;
  std::seed_seq seed{case_seed_, runs_++};
  rng_.seed(seed);
}

void Examination::end_case() {
  drop_worker();
  if (!loss_) return;
  if (loss_->cause == Cause::timed_out) {
    // One loop that never ends is found in every case: the next ones are waited for less long.
    limits_.cpu_seconds = std::max(0.5, limits_.cpu_seconds / 4);
    stopped_ = stopped_ || ++time_outs_ >= kMostTimeOuts;
  }
  stopped_ =
      stopped_ || loss_->cause == Cause::not_implemented || loss_->cause == Cause::grader_fault;
}

void Examination::drop_worker() {
  if (!worker_) return;
  worker_->end();
  printed_ += worker_->printed();
  if (printed_.size() > Worker::kShown) printed_.resize(Worker::kShown);
  worker_.reset();
}

void Examination::remember(const wire::Arguments& arguments, std::vector<double> values) {
  if (!keep_replies_) return;
  for (const wire::Arguments::Output& output : arguments.outputs) replies_.add(output.numbers());
  replies_.add(std::move(values));
}

void Examination::remember_thrown(std::uint32_t thrown) {
  if (keep_replies_) replies_.add({std::nan(""), static_cast<double>(thrown)});
}

void Examination::abandon_worker() {
  in_callback_ = false;
  drop_worker();
}

Worker& Examination::worker(const std::string& call) {
  if (stopped_) lose({Cause::not_run, "not run", "", call});
  if (lost_in_run_) throw Loss(*loss_);
  last_call_ = call;
  try {
    if (!worker_) worker_ = std::make_unique<Worker>(*launcher_, program_, limits_, variant_);
  } catch (const sandbox::LauncherError& e) {
    lose({Cause::grader_fault, e.what(), "", call});
  }
  return *worker_;
}

void Examination::lose(Loss loss) {
  lost_in_run_ = true;
  if (!loss_) loss_ = loss;
  throw loss;  // NOLINT(cert-err09-cpp,misc-throw-by-value-catch-by-reference)
}

void Examination::rethrow(std::uint32_t thrown, const std::string& text, const std::string& call) {
  switch (static_cast<wire::Thrown>(thrown)) {
    case wire::Thrown::not_implemented:
      lose({Cause::not_implemented, call + " is not implemented yet", "", call});
    case wire::Thrown::invalid_argument:
      throw std::invalid_argument(text);
    case wire::Thrown::domain_error:
      throw std::domain_error(text);
    case wire::Thrown::out_of_range:
      throw std::out_of_range(text);
    case wire::Thrown::length_error:
      throw std::length_error(text);
    case wire::Thrown::logic_error:
      throw std::logic_error(text);
    case wire::Thrown::runtime_error:
    case wire::Thrown::other_exception:
      throw std::runtime_error(text);
    case wire::Thrown::bad_alloc:
      lose({Cause::out_of_memory,
            call + " asked for more memory than the " + std::to_string(limits_.memory_bytes >> 20) +
                " MiB that it may use",
            "std::bad_alloc", call});
    case wire::Thrown::assertion:
      lose({Cause::crashed, "in " + call + " an assertion failed: " + text, "assertion", call});
    case wire::Thrown::unknown:
      break;
  }
  lose({Cause::foreign_exception, call + " threw something that is no std::exception", "", call});
}

}  // namespace kata::examiner
