// Everything that grading needs, in one place: the catalogue, the builder, the examiners, and what
// sandbox there is. One per kata process; several threads may use it.
#pragma once

#include <filesystem>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "builder/builder.hpp"
#include "catalog/catalog.hpp"
#include "sandbox/box.hpp"

namespace kata::classroom {

/// The grader itself cannot do its work: a sentence, exit status 3.
struct EngineFault : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Paths {
  std::filesystem::path root;   // the checkout: exercises/, solutions/
  std::filesystem::path build;  // examiners, launcher
  std::filesystem::path cache;  // the builder's
  std::filesystem::path work;   // the learner's copies

  /// From KATA_ROOT, KATA_BUILD, KATA_CACHE and KATA_WORK, which ./kata sets; what is not set is
  /// found from this program's own place.
  static Paths find();
};

class Engine {
 public:
  explicit Engine(Paths paths);

  const Paths& paths() const { return paths_; }
  const catalog::Catalog& catalog() const { return catalog_; }
  builder::Builder& builder() { return builder_; }

  /// The examiner of an exercise, built if its tests or the engine changed since. Throws
  /// EngineFault.
  std::filesystem::path examiner(const catalog::Exercise& exercise);
  std::filesystem::path launcher() const { return paths_.build / "bin" / "kata_launcher"; }

  /// Whether answers run in their box. Without it only one's own work is graded.
  bool sandboxed() const { return sandboxed_; }
  /// The names of the active layers, for the report.
  std::vector<std::string> layer_names() const;
  /// As last tried: `kata doctor` tries them again.
  const std::vector<sandbox::Layer>& layers() const { return layers_; }

 private:
  Paths paths_;
  catalog::Catalog catalog_;
  std::vector<sandbox::Layer> layers_;
  bool sandboxed_;
  builder::Builder builder_;
  std::mutex building_;
};

}  // namespace kata::classroom
