#include "builder/builder.hpp"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <optional>

#include "builder/compile.hpp"
#include "builder/files.hpp"
#include "builder/gate.hpp"
#include "builder/hash.hpp"
#include "builder/includes.hpp"
#include "builder/link.hpp"
#include "builder/parts.hpp"
#include "builder/sanitizer.hpp"
#include "builder/subject.hpp"

namespace kata::builder {
namespace {

namespace fs = std::filesystem;

constexpr const char* kVersion = "1";

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

using Given = std::vector<const catalog::Exercise*>;

}  // namespace

class Builder::State {
 public:
  State(std::vector<catalog::Root> roots, fs::path cache, bool boxed)
      : roots_{std::move(roots)}, cache_(std::move(cache)), boxed_(boxed), parts_(roots_, cache_) {}

  Built build(const Request& request);
  void prepare(const catalog::Exercise& exercise, Flags flags);
  std::string with_lines(const Request& request, const fs::path& worker, const std::string& report);
  const Toolchain& toolchain();

 private:
  Setting setting(Flags flags, const std::vector<std::string>& forbidden);
  void check_with_stub(const catalog::Exercise& exercise, Flags flags);
  Given given(const catalog::Exercise& exercise);
  std::string key_of(const Request& request, const Subject& subject, const Runner& runner);

  Roots roots_;
  fs::path cache_;
  bool boxed_;
  Parts parts_;
  std::mutex mutex_;
  std::optional<Toolchain> toolchain_;
  std::optional<Sysroot> sysroot_;
  std::optional<catalog::Catalog> catalog_;  // only read when an exercise is given something
};

const Toolchain& Builder::State::toolchain() {
  const std::lock_guard lock(mutex_);
  if (!toolchain_) {
    Toolchain found = find_toolchain(cache_);
    sysroot_ = make_sysroot(found, cache_);
    toolchain_ = std::move(found);
  }
  return *toolchain_;
}

Setting Builder::State::setting(Flags flags, const std::vector<std::string>& forbidden) {
  Setting s;
  s.toolchain = &toolchain();
  s.sysroot = &*sysroot_;
  s.eigen = make_eigen(*s.toolchain, forbidden, cache_);
  s.vocabulary = materialise(vocabulary(roots_), cache_ / "includes", cache_);
  s.flags = flags;
  s.boxed = boxed_;
  return s;
}

// What the exercise is given, and what that is given in turn.
Given Builder::State::given(const catalog::Exercise& exercise) {
  Given found;
  std::vector<std::string> ids = exercise.manifest.given;
  if (ids.empty()) return found;
  const std::lock_guard lock(mutex_);
  if (!catalog_) catalog_ = catalog::Catalog::load(roots_.all);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const catalog::Exercise* each = catalog_->find(ids[i]);
    if (each == nullptr || each->id == exercise.id)
      throw Fault(exercise.id + ": its manifest is given " + ids[i] +
                  ", which is no other exercise.");
    if (std::find(found.begin(), found.end(), each) != found.end()) continue;
    found.push_back(each);
    ids.insert(ids.end(), each->manifest.given.begin(), each->manifest.given.end());
  }
  return found;
}

std::string Builder::State::key_of(const Request& request, const Subject& subject,
                                   const Runner& runner) {
  Hasher hasher;
  hasher.add(kVersion).add(toolchain().id).add(request.exercise->id);
  hasher.add(name_of(request.flags)).add(machine_of(request.flags));
  hasher.add(subject.prefix.folder.string()).add(subject.includes.string());
  hasher.add(runner.object.string()).add(subject.given.string());
  for (const std::string& name : runner.entry_points) hasher.add(name);
  if (request.own) hasher.add(hash_of(kernel_sources(roots_)));
  for (const std::string& header : request.exercise->manifest.forbidden) hasher.add(header);
  for (const Source& source : request.sources) hasher.add(source.text);
  return hasher.hex();
}

Built Builder::State::build(const Request& request) {
  const catalog::Exercise& exercise = *request.exercise;
  const Given given = this->given(exercise);
  const Setting ours = setting(request.flags, {});
  const Runner runner = parts_.runner(ours, exercise, given, request.mistakes);

  Subject subject;
  subject.exercise = &exercise;
  subject.setting = setting(request.flags, exercise.manifest.forbidden);
  const bool all_of_eigen = std::none_of(exercise.manifest.forbidden.begin(),
                                         exercise.manifest.forbidden.end(), is_eigen_module);
  subject.prefix = precompiled_header(subject.setting, all_of_eigen, cache_);
  subject.includes = materialise(
      request.own ? own_headers(roots_, exercise, given) : public_headers(exercise, given),
      cache_ / "includes", cache_);
  subject.parts = &parts_;
  subject.ours = ours;
  subject.given = parts_.bundle(ours, given);
  subject.runner = runner;

  const fs::path place = cache_ / "workers" / key_of(request, subject, runner);
  if (fs::is_directory(place)) {
    Built built = kept_worker(place);
    built.from_cache = true;
    return built;
  }
  const Problem outcome = build_worker(request, subject, place, cache_);
  if (outcome.doubtful && !request.own) check_with_stub(exercise, request.flags);
  return outcome.built;
}

// Is it the answer, or would anything fail here today?
void Builder::State::check_with_stub(const catalog::Exercise& exercise, Flags flags) {
  Request request;
  request.exercise = &exercise;
  request.sources = {{read_file(exercise.stub()), exercise.name + ".cpp"}};
  request.flags = flags;
  request.own = true;  // so that it is asked only once
  const Built built = build(request);
  if (!built.ok)
    throw Fault("Not even the unchanged stub of " + exercise.id +
                " can be built: " + built.message + " " + built.diagnostics);
}

void Builder::State::prepare(const catalog::Exercise& exercise, Flags flags) {
  const Given given = this->given(exercise);
  const Setting ours = setting(flags, {});
  parts_.runner(ours, exercise, given, false);
  parts_.bundle(ours, given);
  if (std::any_of(exercise.manifest.forbidden.begin(), exercise.manifest.forbidden.end(),
                  is_eigen_module))
    precompiled_header(setting(flags, exercise.manifest.forbidden), false, cache_);
}

std::string Builder::State::with_lines(const Request& request, const fs::path& worker,
                                       const std::string& report) {
  std::string text = report;
  for (const Source& source : request.sources)
    text = builder::with_lines(toolchain(), boxed_, worker, text, naming_of(request, source));
  return text;
}

Builder::Builder(std::vector<catalog::Root> roots, fs::path cache, bool boxed)
    : state_(std::make_unique<State>(std::move(roots), std::move(cache), boxed)) {}

Builder::~Builder() = default;

Built Builder::build(const Request& request) {
  const auto start = std::chrono::steady_clock::now();
  Built built;
  try {
    built = state_->build(request);
  } catch (const std::exception& e) {
    built = Built();
    built.why = Built::Why::grader_fault;
    built.message = e.what();
  }
  built.seconds = seconds_since(start);
  return built;
}

void Builder::prepare(const catalog::Exercise& exercise, Flags flags) {
  try {
    state_->prepare(exercise, flags);
  } catch (const std::exception&) {
    // The same happens again in build(), which has somebody to tell.
  }
}

std::string Builder::with_lines(const Request& request, const fs::path& worker,
                                const std::string& report) {
  try {
    return state_->with_lines(request, worker, report);
  } catch (const std::exception&) {
    return report;  // addresses are better than nothing
  }
}

std::string Builder::compiler() const {
  try {
    return state_->toolchain().compiler;
  } catch (const std::exception&) {
    return "no compiler";
  }
}

}  // namespace kata::builder
