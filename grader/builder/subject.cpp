#include "builder/subject.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <optional>

#include "builder/files.hpp"
#include "builder/gate.hpp"
#include "builder/headers.hpp"
#include "builder/link.hpp"
#include "builder/problem.hpp"

namespace kata::builder {
namespace {

namespace fs = std::filesystem;

class Steps {
 public:
  Steps(const Request& request, const Subject& subject, const fs::path& cache)
      : request_(request), subject_(subject), folder_(cache), setting_(subject.setting) {}

  Problem run(const fs::path& place) {
    std::optional<Problem> problem = compile_all();
    if (!problem) problem = join_all();
    if (!problem) problem = link_all();
    if (problem) {
      if (problem->built.warnings.empty()) problem->built.warnings = warnings_;
      return *problem;
    }
    const fs::path output = folder_ / "link/output";
    write_file(output / "warnings", warnings_);
    chmod((output / "worker").c_str(), 0555);
    publish(output, place);
    return {kept_worker(place)};
  }

 private:
  std::optional<Problem> compile_all() {
    std::size_t index = 0;
    for (const Source& source : request_.sources) {
      naming_ = naming_of(request_, source);
      const fs::path folder = folder_ / std::to_string(index++);
      const Compiled compiled = compile(setting_,
                                        {naming_.compiled_as,
                                         source.text,
                                         subject_.includes,
                                         subject_.prefix,
                                         {"-Wall", "-Wextra"}},
                                        folder);
      const std::vector<std::string>& forbidden = request_.exercise->manifest.forbidden;
      if (!compiled.run.ok()) return not_compiled(compiled.run, naming_, forbidden);
      const std::string reason = forbidden_dependency(
          compiled.dependencies, subject_.prefix.dependencies(), forbidden, naming_.compiled_as);
      if (!reason.empty()) return forbidden_include(reason);
      warnings_ += warnings_in(compiled.run.err, naming_);
      objects_.push_back(folder / "output/object.o");
      uses_kernels_ = uses_kernels_ || uses_kernels(compiled.dependencies);
    }
    return {};
  }

  std::optional<Problem> join_all() {
    const fs::path folder = folder_ / "joined";
    fs::create_directory(folder);
    if (uses_kernels_) {
      const std::vector<fs::path> kernels = subject_.parts->kernels(subject_.ours);
      objects_.insert(objects_.end(), kernels.begin(), kernels.end());
    }
    sandbox::Finished run = join(*setting_.toolchain, setting_.boxed, objects_, folder);
    if (!run.ok()) return not_linked(run, naming_);
    run = localise(*setting_.toolchain, setting_.boxed, subject_.runner.entry_points, folder);
    if (!run.ok()) return not_linked(run, naming_);
    object_ = folder / "output/localised.o";
    const Verdict verdict = gate(read_file(object_), subject_.runner.entry_points);
    if (!verdict.ok()) return refused(verdict);
    return {};
  }

  std::optional<Problem> link_all() {
    const fs::path folder = folder_ / "link";
    fs::create_directory(folder);
    std::vector<fs::path> objects = {subject_.runner.object, object_};
    if (!subject_.given.empty()) objects.push_back(subject_.given);
    const sandbox::Finished run =
        link(*setting_.toolchain, setting_.boxed, setting_.flags == Flags::asan, objects, folder);
    if (!run.ok()) return not_linked(run, naming_);
    return {};
  }

  const Request& request_;
  const Subject& subject_;
  TemporaryFolder folder_;
  const Setting& setting_;
  Naming naming_;
  std::vector<fs::path> objects_;
  fs::path object_;
  std::string warnings_;
  bool uses_kernels_ = false;
};

}  // namespace

Naming naming_of(const Request& request, const Source& source) {
  const std::string own = request.exercise->name + ".cpp";
  if (request.sources.size() == 1) return {own, source.shown_as};
  const std::string stem = fs::path(source.shown_as).stem().string();
  const bool plain = !stem.empty() && std::all_of(stem.begin(), stem.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
  return {plain ? stem + ".cpp" : own, source.shown_as};
}

Problem build_worker(const Request& request, const Subject& subject, const fs::path& place,
                     const fs::path& cache) {
  return Steps(request, subject, cache).run(place);
}

Built kept_worker(const fs::path& place) {
  Built built;
  built.ok = true;
  built.worker = place / "worker";
  built.warnings = read_file(place / "warnings");
  return built;
}

}  // namespace kata::builder
