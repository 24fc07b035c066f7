#include "classroom/engine.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <initializer_list>
#include <string_view>

#include "classroom/progress.hpp"
#include "sandbox/descriptor.hpp"
#include "sandbox/run.hpp"

namespace kata::classroom {

namespace fs = std::filesystem;

namespace {

fs::path from_environment(const char* name, const fs::path& otherwise) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): before any thread
  return value == nullptr || *value == '\0' ? otherwise : fs::path(value);
}

std::vector<catalog::Root> roots(const Paths& paths) {
  return {paths.root};
}

/// Whether anything that an examiner is built from is newer than it.
bool stale(const fs::path& examiner, std::initializer_list<fs::path> sources) {
  std::error_code error;
  const auto built = fs::last_write_time(examiner, error);
  if (error) return true;
  const auto newer = [&](const fs::path& file) {
    std::error_code ignored;
    return fs::is_regular_file(file, ignored) && fs::last_write_time(file, ignored) > built;
  };
  for (const fs::path& source : sources) {
    if (newer(source)) return true;
    fs::recursive_directory_iterator files(source, error);
    if (error) continue;
    for (const fs::directory_entry& entry : files)
      if (newer(entry.path())) return true;
  }
  return false;
}

// A whole sandbox that was tried is taken for granted for a while: the probes cost a third of a
// second, and a sandbox that fails later is a grader_fault, never a run without it. A sandbox that
// is not whole is tried again each time.
constexpr std::chrono::minutes kTrusted{60};

/// What the answer of the probes depends on.
std::string machine_key() {
  std::ifstream boot("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(boot, id);
  std::error_code error;
  const auto bwrap = fs::last_write_time("/usr/bin/bwrap", error).time_since_epoch().count();
  return id + " " + std::to_string(getuid()) + " " + std::to_string(bwrap);
}

std::vector<sandbox::Layer> known_layers(const fs::path& file) {
  std::error_code error;
  const auto written = fs::last_write_time(file, error);
  if (error || fs::file_time_type::clock::now() - written > kTrusted) return {};
  std::ifstream in(file);
  std::string line;
  if (!std::getline(in, line) || line != machine_key()) return {};
  std::vector<sandbox::Layer> layers;
  while (std::getline(in, line) && line.size() > 2)
    layers.push_back({line.substr(2), line[0] == '+', "", line[1] == '!'});
  return layers;
}

std::vector<sandbox::Layer> tried_layers(const fs::path& cache) {
  const fs::path file = cache / "layers";
  std::vector<sandbox::Layer> layers = known_layers(file);
  if (!layers.empty()) return layers;
  layers = sandbox::layers();
  if (!std::all_of(layers.begin(), layers.end(),
                   [](const sandbox::Layer& l) { return l.active || !l.required; }))
    return layers;
  std::string text = machine_key() + "\n";
  for (const sandbox::Layer& l : layers)
    text += std::string(l.active ? "+" : "-") + (l.required ? "!" : "?") + l.name + "\n";
  try {
    write_file(file, text);
  } catch (const std::exception&) {
    return layers;  // a cache that cannot be written: the probes are made again next time
  }
  return layers;
}

}  // namespace

Paths Paths::find() {
  Paths paths;
  const fs::path self = fs::read_symlink("/proc/self/exe");
  paths.build = from_environment("KATA_BUILD", self.parent_path().parent_path());
  paths.root = from_environment("KATA_ROOT", paths.build.parent_path());
  paths.cache = from_environment("KATA_CACHE", paths.build / "cache");
  paths.work = from_environment("KATA_WORK", paths.root / "work");
  return paths;
}

Engine::Engine(Paths paths)
    : paths_(std::move(paths)),
      catalog_(catalog::Catalog::load(roots(paths_))),
      layers_(tried_layers(paths_.cache)),
      sandboxed_(std::all_of(layers_.begin(), layers_.end(),
                             [](const sandbox::Layer& l) { return l.active || !l.required; })),
      builder_(roots(paths_), paths_.cache, sandboxed_) {}

std::vector<std::string> Engine::layer_names() const {
  std::vector<std::string> names;
  for (const sandbox::Layer& layer : layers_)
    if (layer.active && (sandboxed_ || !layer.required)) names.push_back(layer.name);
  return names;
}

fs::path Engine::examiner(const catalog::Exercise& exercise) {
  const std::string target = "examiner_" + exercise.topic + "_" + exercise.name;
  const fs::path program = paths_.build / "examiners" / target;
  const std::lock_guard guard(building_);
  const fs::path grader = paths_.root / "grader";
  if (!stale(program, {exercise.folder, exercise.solutions / "hidden.cpp",
                       paths_.root / "solutions" / "oracle", paths_.root / "exercises" / "include",
                       grader / "wire", grader / "examiner", grader / "sandbox"}))
    return program;
  if (!fs::exists(paths_.build / "build.ninja")) {
    if (fs::exists(program)) return program;  // an installed suite: as it was built
    throw EngineFault("there is no examiner for " + exercise.id + " in " + paths_.build.string() +
                      ": run ./kata setup, which builds them all");
  }
  // Two kata at once must not run two builds in one folder.
  const sandbox::Descriptor lock(
      open((paths_.build / "lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644));
  if (lock.valid()) flock(lock.get(), LOCK_EX);
  sandbox::Command command;
  command.argv = {"cmake", "--build", paths_.build.string(), "--target", target};
  for (const char* name : {"PATH", "HOME", "LANG", "TMPDIR", "CCACHE_DIR", "XDG_CACHE_HOME"})
    if (const char* value = std::getenv(name))  // NOLINT(concurrency-mt-unsafe): nobody sets them
      command.environment.emplace_back(name, value);
  command.folder = paths_.root;
  command.limits.cpu_seconds = 1200;
  command.limits.wall_seconds = 1800;
  command.limits.memory_bytes = std::uint64_t{64} << 30;
  command.limits.file_bytes = std::uint64_t{4} << 30;
  const sandbox::Finished finished = sandbox::run(command);
  if (finished.ok()) {
    // An input that did not change what is built must not be looked at again each time.
    std::error_code ignored;
    fs::last_write_time(program, fs::file_time_type::clock::now(), ignored);
    return program;
  }
  const std::string said = finished.reason + finished.out + finished.err;
  throw EngineFault("the tests of " + exercise.id + " could not be built:\n" +
                    (said.size() > 4000 ? said.substr(said.size() - 4000) : said));
}

}  // namespace kata::classroom
