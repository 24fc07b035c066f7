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

sandbox::Finished link_static(const Toolchain& toolchain, bool boxed,
                              const std::vector<fs::path>& objects, const fs::path& folder) {
  ToolRun tool(toolchain.mold, boxed);
  const LinkRecipe& recipe = toolchain.static_link;
  Words arguments = {"-m",
                     "elf_x86_64",
                     "-static",
                     "--no-fork",
                     "--gc-sections",
                     "--eh-frame-hdr",
                     "--build-id=none",
                     "-z",
                     "noexecstack",
                     "-z",
                     "relro",
                     "-o",
                     lend_output(tool, folder) + "/worker"};
  tool.show(recipe.files);
  const Words names = show_objects(tool, objects);
  arguments.insert(arguments.end(), recipe.before.begin(), recipe.before.end());
  arguments.insert(arguments.end(), names.begin(), names.end());
  arguments.insert(arguments.end(), recipe.after.begin(), recipe.after.end());
  return tool.run(arguments);
}

}  // namespace kata::builder
