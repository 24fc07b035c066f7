#include "builder/subject.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <optional>

#include "builder/files.hpp"
#include "builder/gate.hpp"
#include "builder/headers.hpp"
#include "builder/link.hpp"
#include "builder/messages.hpp"

namespace kata::builder {
namespace {

namespace fs = std::filesystem;
using How = sandbox::Finished::How;

Built failed(Built::Why why, std::string message) {
  Built built;
  built.why = why;
  built.message = std::move(message);
  return built;
}

// The name is ours: the exercise's for one source, else that of the file shown if it is plain.
Naming naming_of(const Request& request, const Source& source) {
  const std::string own = request.exercise->name + ".cpp";
  if (request.sources.size() == 1) return {own, source.shown_as};
  const std::string stem = fs::path(source.shown_as).stem().string();
  const bool plain = !stem.empty() && std::all_of(stem.begin(), stem.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
  return {plain ? stem + ".cpp" : own, source.shown_as};
}

// Why the compiler gave nothing, if it was not an error in the source.
std::string stopped(const sandbox::Finished& run, const Naming& naming,
                    const sandbox::Limits& limits) {
  const auto says = [&](const char* text) { return run.err.find(text) != std::string::npos; };
  const std::string start = "The compiler ";
  const std::string end = " for " + naming.shown_as + ", and was stopped. ";
  if (run.how == How::timed_out)
    return start + "needed more than " + std::to_string(static_cast<int>(limits.cpu_seconds)) +
           " s" + end + "Is there a template or a constexpr function that does not end?";
  if (run.how == How::output_limit)
    return start + "printed more than " + std::to_string(limits.output_bytes >> 10) + " KB" + end;
  if (run.out_of_memory || says("out of memory") || says("bad_alloc"))
    return start + "needed more than " + std::to_string(limits.memory_bytes >> 30) + " GB" + end +
           "Is there a template, an array or an include that grows without end?";
  if (says("File too large") || (run.how == How::signalled && run.code == SIGXFSZ))
    return start + "wrote more than " + std::to_string(limits.file_bytes >> 20) + " MB" + end +
           "Is there a large initialised array in it?";
  if (run.how == How::signalled || says("PLEASE submit a bug report"))
    return start + "crashed on " + naming.shown_as +
           ". That is a bug of the compiler that your code has met: write it in another way.";
  return {};
}

// A source that did not compile.
Built compile_error(const sandbox::Finished& run, const Naming& naming,
                    const std::vector<std::string>& forbidden) {
  if (run.how == How::not_started) throw Fault(run.reason);
  if (const std::optional<MissingHeader> header = missing_header(run.err, naming)) {
    const std::string reason = forbidden_header(header->name, header->included_by, forbidden);
    if (!reason.empty()) return failed(Built::Why::forbidden_call, reason);
  }
  Built built = failed(Built::Why::compile_error, stopped(run, naming, compile_limits()));
  if (!built.message.empty()) return built;
  built.message = naming.shown_as + " does not compile.";
  built.diagnostics = first_error(run.err, naming);
  built.warnings = warnings_in(run.err, naming);
  return built;
}

// Joining, hiding or linking failed although the compiler was content.
Built link_error(const sandbox::Finished& run, const Naming& naming) {
  if (run.how == How::not_started) throw Fault(run.reason);
  std::vector<std::string> names = undefined_in(run.err);
  for (std::string& name : names) name = "`" + name + "`";
  Built built = failed(Built::Why::compile_error, "");
  if (!names.empty()) {
    built.message = naming.shown_as + " uses " + listed(names) + ", which " +
                    (names.size() == 1 ? "is" : "are") +
                    " declared but defined nowhere. Write the definition, or remove the call.";
  } else {
    built.message = naming.shown_as + " compiles, but the linker refuses the result.";
    built.diagnostics = run.err.substr(0, 1000);
  }
  return built;
}

Built refused(const Verdict& verdict) {
  return failed(verdict.kind == Verdict::Kind::forbidden ? Built::Why::forbidden_call
                                                         : Built::Why::compile_error,
                verdict.message);
}

class Steps {
 public:
  Steps(const Request& request, const Subject& subject, const fs::path& cache)
      : request_(request), subject_(subject), folder_(cache), setting_(subject.setting) {}

  Built run(const fs::path& place) {
    std::optional<Built> problem = compile_all();
    if (!problem) problem = join_all();
    if (!problem) problem = link_all();
    if (problem) {
      if (problem->warnings.empty()) problem->warnings = warnings_;
      return *problem;
    }
    const fs::path output = folder_ / "link/output";
    write_file(output / "warnings", warnings_);
    chmod((output / "worker").c_str(), 0555);
    publish(output, place);
    return kept_worker(place);
  }

 private:
  std::optional<Built> compile_all() {
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
      if (!compiled.run.ok()) return compile_error(compiled.run, naming_, forbidden);
      const std::string reason = forbidden_dependency(
          compiled.dependencies, subject_.prefix.dependencies(), forbidden, naming_.compiled_as);
      if (!reason.empty()) return failed(Built::Why::forbidden_call, reason);
      warnings_ += warnings_in(compiled.run.err, naming_);
      objects_.push_back(folder / "output/object.o");
    }
    return {};
  }

  std::optional<Built> join_all() {
    const fs::path folder = folder_ / "joined";
    fs::create_directory(folder);
    objects_.insert(objects_.end(), subject_.kernels.begin(), subject_.kernels.end());
    sandbox::Finished run = join(*setting_.toolchain, setting_.boxed, objects_, folder);
    if (!run.ok()) return link_error(run, naming_);
    run = localise(*setting_.toolchain, setting_.boxed, subject_.runner.entry_points, folder);
    if (!run.ok()) return link_error(run, naming_);
    object_ = folder / "output/localised.o";
    const Verdict verdict = gate(read_file(object_), subject_.runner.entry_points);
    if (!verdict.ok()) return refused(verdict);
    return {};
  }

  std::optional<Built> link_all() {
    const fs::path folder = folder_ / "link";
    fs::create_directory(folder);
    std::vector<fs::path> objects = {subject_.runner.object, object_};
    if (!subject_.given.empty()) objects.push_back(subject_.given);
    const sandbox::Finished run = link_static(*setting_.toolchain, setting_.boxed, objects, folder);
    if (!run.ok()) return link_error(run, naming_);
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
};

}  // namespace

Built build_worker(const Request& request, const Subject& subject, const fs::path& place,
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
