#include "builder/problem.hpp"

#include <csignal>
#include <optional>

#include "builder/compile.hpp"
#include "builder/files.hpp"
#include "builder/headers.hpp"

namespace kata::builder {
namespace {

using How = sandbox::Finished::How;

constexpr std::size_t kMostOfALinker = 1000;

Problem problem(Built::Why why, std::string message) {
  Problem p;
  p.built.why = why;
  p.built.message = std::move(message);
  return p;
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

}  // namespace

Problem not_compiled(const sandbox::Finished& run, const Naming& naming,
                     const std::vector<std::string>& forbidden) {
  if (run.how == How::not_started) throw Fault(run.reason);
  if (const std::optional<MissingHeader> header = missing_header(run.err, naming)) {
    const std::string reason = forbidden_header(header->name, header->included_by, forbidden);
    if (!reason.empty()) return forbidden_include(reason);
  }
  Problem p = problem(Built::Why::compile_error, stopped(run, naming, compile_limits()));
  p.doubtful = !p.built.message.empty();
  if (p.doubtful) return p;
  p.built.message = naming.shown_as + " does not compile.";
  p.built.diagnostics = first_error(run.err, naming);
  p.built.warnings = warnings_in(run.err, naming);
  return p;
}

Problem not_linked(const sandbox::Finished& run, const Naming& naming) {
  if (run.how == How::not_started) throw Fault(run.reason);
  std::vector<std::string> names = undefined_in(run.err);
  for (std::string& name : names) name = "`" + name + "`";
  Problem p = problem(Built::Why::compile_error, "");
  if (!names.empty()) {
    p.built.message = naming.shown_as + " uses " + listed(names) + ", which " +
                      (names.size() == 1 ? "is" : "are") +
                      " declared but defined nowhere. Write the definition, or remove the call.";
  } else {
    p.built.message = naming.shown_as + " compiles, but the linker refuses the result.";
    p.built.diagnostics = run.err.substr(0, kMostOfALinker);
    p.doubtful = true;
  }
  return p;
}

Problem refused(const Verdict& verdict) {
  return problem(verdict.kind == Verdict::Kind::forbidden ? Built::Why::forbidden_call
                                                          : Built::Why::compile_error,
                 verdict.message);
}

Problem forbidden_include(const std::string& reason) {
  return problem(Built::Why::forbidden_call, reason);
}

}  // namespace kata::builder
