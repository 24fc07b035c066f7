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
  if (!command_.box) {
    names_.emplace_back(outside.string() + "/", inside + "/");
    return outside.string();
  }
  command_.box->binds.push_back({outside, inside, writable});
  return inside;
}

std::string ToolRun::show(const std::filesystem::path& outside, const std::string& inside) {
  return bind(outside, inside, false);
}

std::string ToolRun::lend(const std::filesystem::path& outside, const std::string& inside) {
  return bind(outside, inside, true);
}

std::string ToolRun::by_inside_names(std::string text) const {
  for (const auto& [outside, inside] : names_)
    for (std::size_t at = text.find(outside); at != std::string::npos;
         at = text.find(outside, at + inside.size()))
      text.replace(at, outside.size(), inside);
  return text;
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
