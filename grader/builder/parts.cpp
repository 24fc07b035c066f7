#include "builder/parts.hpp"

#include <algorithm>

#include "builder/binding.hpp"
#include "builder/hash.hpp"
#include "builder/headers.hpp"
#include "builder/link.hpp"

namespace kata::builder {
namespace {

namespace fs = std::filesystem;

constexpr const char* kVersion = "1";

// What went wrong in a step that no answer takes part in.
void need(const sandbox::Finished& run, const std::string& step) {
  if (!run.ok()) throw Fault(step + " failed. " + run.reason + run.err.substr(0, 2000));
}

std::vector<std::string> headers_of(const Tree& tree, const catalog::Exercise& exercise) {
  std::vector<std::string> headers;
  for (const auto& [name, content] : tree)
    if (name.rfind(exercise.id + "/", 0) == 0) headers.push_back(name);
  return headers;
}

}  // namespace

Unit Parts::unit(const Setting& setting, const std::string& name, std::string text,
                 const Tree& includes) const {
  Unit unit;
  unit.name = name;
  unit.text = std::move(text);
  unit.includes = materialise(includes, cache_ / "includes", cache_);
  unit.prefix = precompiled_header(setting, true, cache_);
  return unit;
}

fs::path Parts::object(const Setting& setting, const Unit& unit) const {
  Hasher hasher;
  // The precompiled header's name says toolchain, flags, machine and vocabulary.
  hasher.add(kVersion).add(unit.prefix.folder.filename().string());
  hasher.add(unit.includes.filename().string()).add(unit.name).add(unit.text);
  for (const std::string& argument : unit.arguments) hasher.add(argument);
  const fs::path place = cache_ / "objects" / hasher.hex();
  if (fs::is_directory(place)) return place / "object.o";

  const TemporaryFolder folder(cache_);
  need(compile(setting, unit, folder.path()).run, "Compiling our own " + unit.name);
  publish(folder / "output", place);
  return place / "object.o";
}

fs::path Parts::joined(const Setting& setting, const std::vector<fs::path>& objects,
                       const std::vector<std::string>& shown, const std::string& kind) const {
  Hasher hasher;
  hasher.add(kVersion);
  for (const fs::path& object : objects) hasher.add(object.string());
  for (const std::string& name : shown) hasher.add(name);
  const fs::path place = cache_ / kind / hasher.hex();
  if (fs::is_directory(place)) return place / "localised.o";

  const TemporaryFolder folder(cache_);
  need(join(*setting.toolchain, setting.boxed, objects, folder.path()), "Joining our own objects");
  need(localise(*setting.toolchain, setting.boxed, shown, folder.path()),
       "Hiding the symbols of our own objects");
  fs::remove(folder / "output/joined.o");
  publish(folder / "output", place);
  return place / "localised.o";
}

Runner Parts::runner(const Setting& setting, const catalog::Exercise& exercise,
                     const std::vector<const catalog::Exercise*>& given, bool mistakes) const {
  const Tree headers = worker_headers(roots_, exercise, given);
  const fs::path binding = object(
      setting, unit(setting, "binding.cpp",
                    binding_source(exercise, headers_of(headers, exercise), mistakes), headers));
  const fs::path runtime =
      object(setting,
             unit(setting, "runtime.cpp", read_file(roots_.project() / "grader/worker/runtime.cpp"),
                  runtime_headers(roots_)));

  Runner runner;
  runner.entry_points = entry_points(read_object(read_file(binding)), exercise, mistakes);
  std::vector<std::string> shown = {"main"};
  if (mistakes)
    for (const Symbol& symbol : read_object(read_file(runtime)).symbols)
      if (names_function(demangle(symbol.name), "kata::mistake")) shown.push_back(symbol.name);
  runner.object = joined(setting, {binding, runtime}, shown, "runners");
  return runner;
}

std::vector<fs::path> Parts::kernels(const Setting& setting) const {
  std::vector<fs::path> objects;
  for (const auto& [name, text] : kernel_sources(roots_))
    objects.push_back(object(setting, unit(setting, name, text, kernel_headers(roots_))));
  return objects;
}

fs::path Parts::bundle(const Setting& setting,
                       const std::vector<const catalog::Exercise*>& given) const {
  if (given.empty()) return {};
  std::vector<fs::path> objects;
  std::vector<std::string> shown;
  bool with_kernels = false;
  for (const catalog::Exercise* each : given) {
    const std::string name = each->name + ".cpp";
    const fs::path made = object(setting, unit(setting, name, read_file(each->solutions / name),
                                               own_headers(roots_, *each, given)));
    const std::vector<std::string> names = definitions(read_object(read_file(made)), *each);
    shown.insert(shown.end(), names.begin(), names.end());
    objects.push_back(made);
    with_kernels =
        with_kernels || uses_kernels(dependencies_in(read_file(made.parent_path() / "object.d")));
  }
  if (with_kernels) {
    const std::vector<fs::path> more = kernels(setting);
    objects.insert(objects.end(), more.begin(), more.end());
  }
  return joined(setting, objects, shown, "bundles");
}

}  // namespace kata::builder
