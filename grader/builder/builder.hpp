// From source text to a worker: the program that runs an answer and knows nothing else.
//
//   source ── compile (sandboxed, precompiled header) ── pre-link ── localise ── gate ──┐
//   given solutions, built likewise ────────────────────────────────────────────────────┤ link ──
//   worker binding + runtime, likewise ────────────────────────────────────────────────────────┘
//
// Every subject goes this way: submissions, references, whiteboards, alternatives, mutants.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "catalog/catalog.hpp"

namespace kata::builder {

enum class Flags {
  checked,  // fast to compile; assertions of Eigen and libstdc++ on
  timed,    // -O3 -march=native
  asan,     // AddressSanitizer and UBSan, dynamic; explains a crash
};

struct Source {
  std::string text;
  std::string shown_as;  // the path in messages: work/optimizers/adam.cpp
};

struct Request {
  const catalog::Exercise* exercise = nullptr;
  std::vector<Source> sources;  // one, or more for a capstone
  Flags flags = Flags::checked;
  bool own = false;       // the suite's own source: may include solutions/kernels
  bool mistakes = false;  // exports the table of mistakes beside the functions
};

struct Built {
  bool ok = false;
  std::filesystem::path worker;  // in the cache; read-only, never changed
  bool from_cache = false;
  double seconds = 0;

  // When not ok:
  enum class Why { none, compile_error, forbidden_call, grader_fault };
  Why why = Why::none;
  std::string message;      // for a person, complete: what, where, what to do
  std::string diagnostics;  // the compiler's first error in the learner's file
  std::string warnings;     // also when ok
};

class Builder {
 public:
  /// `roots`: as the catalogue's. `cache`: a folder of ours; made when missing. `boxed`: compilers
  /// and linkers run in a sandbox; without it only one's own work may be built.
  Builder(std::vector<catalog::Root> roots, std::filesystem::path cache, bool boxed = true);
  ~Builder();
  Builder(const Builder&) = delete;
  Builder& operator=(const Builder&) = delete;

  /// Never throws for what is in the source. Locks nothing that another kata would wait on for
  /// long: several builds may run at the same time on one cache, and several threads may call this.
  Built build(const Request& request);
  /// Everything that build() needs and that does not depend on the source: precompiled headers,
  /// runtime, binding. Called early, so that the first verdict is fast. What goes wrong here is
  /// said by build().
  void prepare(const catalog::Exercise& exercise, Flags flags);
  /// The report of a sanitizer that ran in an `asan` worker of this request, with functions, files
  /// and lines after its addresses, and the author's file under its own name.
  std::string with_lines(const Request& request, const std::filesystem::path& worker,
                         const std::string& report);
  /// "clang 14.0.6" for the report.
  std::string compiler() const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace kata::builder
