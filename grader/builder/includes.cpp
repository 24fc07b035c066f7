#include "builder/includes.hpp"

#include <algorithm>
#include <array>

namespace kata::builder {
namespace {

namespace fs = std::filesystem;

bool has_extension(const fs::path& file, std::initializer_list<const char*> extensions) {
  return std::any_of(extensions.begin(), extensions.end(),
                     [&](const char* extension) { return file.extension() == extension; });
}

// The files right in `folder`, as `prefix` + name. A folder that is not there adds nothing.
void add(Tree& tree, const fs::path& folder, const std::string& prefix,
         std::initializer_list<const char*> extensions) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_regular_file() && has_extension(entry.path(), extensions) && name != "hidden.cpp")
      tree.emplace(prefix + name, read_file(entry.path()));
  }
}

void add_public(Tree& tree, const catalog::Exercise& exercise) {
  add(tree, exercise.folder, exercise.id + "/", {".hpp"});
}

}  // namespace

Tree vocabulary(const Roots& roots) {
  Tree tree;
  for (const catalog::Root& root : roots.all)
    add(tree, root / "exercises/include/kata", "kata/", {".hpp"});
  tree.emplace("worker/assertion.hpp", read_file(roots.project() / "grader/worker/assertion.hpp"));
  return tree;
}

Tree public_headers(const catalog::Exercise& exercise,
                    const std::vector<const catalog::Exercise*>& given) {
  Tree tree;
  add_public(tree, exercise);
  for (const catalog::Exercise* each : given) add_public(tree, *each);
  return tree;
}

Tree own_headers(const Roots& roots, const catalog::Exercise& exercise,
                 const std::vector<const catalog::Exercise*>& given) {
  Tree tree = public_headers(exercise, given);
  tree.merge(kernel_headers(roots));
  if (!exercise.solutions.empty())
    add(tree, exercise.solutions, exercise.id + "/", {".hpp", ".cpp"});
  for (const catalog::Exercise* each : given)
    if (!each->solutions.empty()) add(tree, each->solutions, each->id + "/", {".hpp"});
  tree.emplace("worker/mistakes.hpp", read_file(roots.project() / "grader/worker/mistakes.hpp"));
  return tree;
}

Tree runtime_headers(const Roots& roots) {
  Tree tree;
  for (const std::string folder : {"worker", "wire"})
    add(tree, roots.project() / "grader" / folder, folder + "/", {".hpp"});
  tree.erase("worker/assertion.hpp");  // in the vocabulary
  return tree;
}

Tree worker_headers(const Roots& roots, const catalog::Exercise& exercise,
                    const std::vector<const catalog::Exercise*>& given) {
  Tree tree = public_headers(exercise, given);
  tree.merge(runtime_headers(roots));
  return tree;
}

Tree kernel_headers(const Roots& roots) {
  Tree tree;
  for (const catalog::Root& root : roots.all)
    add(tree, root / "solutions/kernels", "kernels/", {".hpp"});
  return tree;
}

Tree kernel_sources(const Roots& roots) {
  Tree tree;
  for (const catalog::Root& root : roots.all) add(tree, root / "solutions/kernels", "", {".cpp"});
  return tree;
}

}  // namespace kata::builder
