#include "builder/tool_run.hpp"

namespace kata::builder {

ToolRun::ToolRun(const Tool& tool, bool boxed) {
  command_.argv = {tool.program.string()};
  command_.environment = {{"LANG", "C.UTF-8"}, {"TMPDIR", "/tmp"}};
  if (!boxed) return;
  command_.box.emplace();
  command_.box->scratch = {"/tmp"};
  show(tool.files);
}

std::string ToolRun::bind(const std::filesystem::path& outside, const std::string& inside,
                          bool writable) {
  if (!command_.box) return outside.string();
  command_.box->binds.push_back({outside, inside, writable});
  return inside;
}

std::string ToolRun::show(const std::filesystem::path& outside, const std::string& inside) {
  return bind(outside, inside, false);
}

std::string ToolRun::lend(const std::filesystem::path& outside, const std::string& inside) {
  return bind(outside, inside, true);
}

void ToolRun::show(const std::vector<std::filesystem::path>& files) {
  for (const std::filesystem::path& file : files) bind(file, file.string(), false);
}

sandbox::Finished ToolRun::run(const std::vector<std::string>& arguments,
                               const std::string& folder) {
  command_.argv.insert(command_.argv.end(), arguments.begin(), arguments.end());
  command_.folder = folder;
  return sandbox::run(command_);
}

}  // namespace kata::builder
