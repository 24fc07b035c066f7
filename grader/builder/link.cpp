#include "builder/link.hpp"

#include "builder/files.hpp"
#include "builder/tool_run.hpp"

namespace kata::builder {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

constexpr const char* kInput = "/input";
constexpr const char* kOutput = "/output";

Words show_objects(ToolRun& tool, const std::vector<fs::path>& objects) {
  Words names;
  std::size_t index = 0;
  for (const fs::path& object : objects)
    names.push_back(tool.show(object, std::string(kInput) + "/" + std::to_string(index++) + ".o"));
  return names;
}

std::string lend_output(ToolRun& tool, const fs::path& folder) {
  fs::create_directories(folder / "output");
  return tool.lend(folder / "output", kOutput);
}

// "libclang-rt-14-dev" for "clang 14.0.6".
std::string sanitizer_package(const Toolchain& toolchain) {
  const std::size_t space = toolchain.compiler.find(' ');
  const std::string version = toolchain.compiler.substr(space + 1);
  return "libclang-rt-" + version.substr(0, version.find('.')) + "-dev";
}

}  // namespace

sandbox::Finished join(const Toolchain& toolchain, bool boxed, const std::vector<fs::path>& objects,
                       const fs::path& folder) {
  ToolRun tool(toolchain.ld, boxed);
  Words arguments = {"-r", "--force-group-allocation", "-o",
                     lend_output(tool, folder) + "/joined.o"};
  for (const std::string& name : show_objects(tool, objects)) arguments.push_back(name);
  return tool.run(arguments);
}

sandbox::Finished localise(const Toolchain& toolchain, bool boxed, const Words& names,
                           const fs::path& folder) {
  std::string list;
  for (const std::string& name : names) list += name + "\n";
  write_file(folder / "names", list);
  ToolRun tool(toolchain.objcopy, boxed);
  const std::string kept = tool.show(folder / "names", std::string(kInput) + "/names");
  const std::string output = lend_output(tool, folder);
  return tool.run({"--keep-global-symbols=" + kept, output + "/joined.o", output + "/localised.o"});
}

sandbox::Finished link(const Toolchain& toolchain, bool boxed, bool sanitized,
                       const std::vector<fs::path>& objects, const fs::path& folder) {
  const LinkRecipe& recipe = sanitized ? toolchain.sanitized_link : toolchain.static_link;
  if (recipe.after.empty())
    throw Fault("The sanitizers' runtime is not installed. Install it with: apt-get install " +
                sanitizer_package(toolchain));
  ToolRun tool(toolchain.mold, boxed);
  Words arguments = {
      "-m", "elf_x86_64", "--no-fork",       "--gc-sections", "-z", "noexecstack", "-z", "relro",
      "-z", "now",        "--build-id=none", "--eh-frame-hdr"};
  if (!sanitized) arguments.push_back("-static");
  tool.limits().file_bytes = std::uint64_t{256} << 20;
  tool.show(recipe.files);
  const Words names = show_objects(tool, objects);
  arguments.insert(arguments.end(), {"-o", lend_output(tool, folder) + "/worker"});
  arguments.insert(arguments.end(), recipe.before.begin(), recipe.before.end());
  arguments.insert(arguments.end(), names.begin(), names.end());
  arguments.insert(arguments.end(), recipe.after.begin(), recipe.after.end());
  return tool.run(arguments);
}

}  // namespace kata::builder
