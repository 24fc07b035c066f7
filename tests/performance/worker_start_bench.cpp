// What the sandbox costs: starting a worker in its box against starting the same program bare.
//
//     worker_start_bench LAUNCHER WORKER      (a worker from the builder's cache)
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include <iostream>
#include <memory>
#include <string>

#include "examiner/worker.hpp"

namespace {

std::string launcher_path;  // NOLINT(cert-err58-cpp): an empty string
std::string worker_path;    // NOLINT(cert-err58-cpp)

/// The table of mistakes is the smallest call there is: an empty answer shows that the worker runs.
void first_answer(kata::examiner::Worker& worker) {
  std::vector<std::byte> bytes;
  worker.request(kata::wire::kMistakeTable, 1, {});
  worker.reply(bytes, "table of mistakes");
}

void boxed_worker(benchmark::State& state) {
  kata::sandbox::Launcher launcher(launcher_path, kata::sandbox::Profile::narrow, true);
  const kata::sandbox::Descriptor program(open(worker_path.c_str(), O_RDONLY | O_CLOEXEC));
  for ([[maybe_unused]] auto _ : state) {
    kata::examiner::Worker worker(launcher, program.get(), {}, "");
    first_answer(worker);
  }
}
BENCHMARK(boxed_worker)->Unit(benchmark::kMillisecond)->UseRealTime();

/// The same program without a box, a filter or limits: it finds no socket and leaves.
void bare_process(benchmark::State& state) {
  char* argv[] = {worker_path.data(), nullptr};
  char* environment[] = {nullptr};
  for ([[maybe_unused]] auto _ : state) {
    pid_t child = 0;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 3, "/dev/null", O_RDONLY, 0);
    if (posix_spawn(&child, worker_path.c_str(), &actions, nullptr, argv, environment) != 0)
      state.SkipWithError("the worker cannot be started");
    posix_spawn_file_actions_destroy(&actions);
    waitpid(child, nullptr, 0);
  }
}
BENCHMARK(bare_process)->Unit(benchmark::kMillisecond)->UseRealTime();

/// The box itself, once for each examination.
void box_start(benchmark::State& state) {
  const kata::sandbox::Descriptor program(open(worker_path.c_str(), O_RDONLY | O_CLOEXEC));
  for ([[maybe_unused]] auto _ : state) {
    kata::sandbox::Launcher launcher(launcher_path, kata::sandbox::Profile::narrow, true);
    kata::examiner::Worker worker(launcher, program.get(), {}, "");
    first_answer(worker);
  }
}
BENCHMARK(box_start)->Unit(benchmark::kMillisecond)->UseRealTime();

void call(benchmark::State& state) {
  kata::sandbox::Launcher launcher(launcher_path, kata::sandbox::Profile::narrow, true);
  const kata::sandbox::Descriptor program(open(worker_path.c_str(), O_RDONLY | O_CLOEXEC));
  kata::examiner::Worker worker(launcher, program.get(), {}, "");
  for ([[maybe_unused]] auto _ : state) first_answer(worker);
}
BENCHMARK(call)->Unit(benchmark::kMicrosecond)->UseRealTime();

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (argc != 3) {
    std::cerr << "usage: worker_start_bench LAUNCHER WORKER [benchmark options]\n";
    return 2;
  }
  launcher_path = argv[1];
  worker_path = argv[2];
  try {
    benchmark::RunSpecifiedBenchmarks();
  } catch (const kata::examiner::Loss& loss) {
    std::cerr << "the worker was lost: " << loss.detail << '\n';
    return 1;
  }
  return 0;
}
