#include "builder/tool_output.hpp"

#include "builder/files.hpp"
#include "sandbox/run.hpp"

namespace kata::builder {
namespace {

sandbox::Finished ask(const std::vector<std::string>& argv) {
  sandbox::Command command;
  command.argv = argv;
  command.environment = {{"LANG", "C.UTF-8"}, {"PATH", "/usr/bin:/bin"}};
  command.limits.output_bytes = std::uint64_t{16} << 20;
  sandbox::Finished finished = sandbox::run(command);
  if (!finished.ok()) {
    std::string text = "The command";
    for (const std::string& word : argv) text += " " + word;
    throw Fault(text + " failed. " + finished.reason + finished.err.substr(0, 500));
  }
  return finished;
}

}  // namespace

std::string output_of(const std::vector<std::string>& argv) {
  return ask(argv).out;
}
std::string errors_of(const std::vector<std::string>& argv) {
  return ask(argv).err;
}

}  // namespace kata::builder
