#include "builder/sanitizer.hpp"

#include <cctype>
#include <map>
#include <sstream>
#include <vector>

#include "builder/compile.hpp"
#include "builder/tool_run.hpp"

namespace kata::builder {
namespace {

constexpr std::size_t kMostAddresses = 64;
constexpr std::size_t kLongestReport = std::size_t{256} << 10;

// "0x4f2a" for "0x000000004f2a".
std::string without_zeros(const std::string& address) {
  const std::size_t digit = address.find_first_not_of('0', 2);
  return "0x" + (digit == std::string::npos ? "0" : address.substr(digit));
}

// "    #3 0x4f2a  (...)": the address, or nothing.
std::string address_in(const std::string& line) {
  std::size_t at = line.find_first_not_of(' ');
  if (at == std::string::npos || line[at] != '#') return {};
  at = line.find_first_not_of("0123456789", at + 1);
  if (at == std::string::npos || line.compare(at, 3, " 0x") != 0) return {};
  const std::size_t end = line.find_first_not_of("0123456789abcdef", at + 3);
  return without_zeros(line.substr(at + 1, end == std::string::npos ? end : end - at - 1));
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text.substr(0, kLongestReport));
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// By address: "function at file:line" for each call that was inlined there, innermost first.
std::map<std::string, std::vector<std::string>> places_of(const std::string& output) {
  std::map<std::string, std::vector<std::string>> places;
  std::vector<std::string>* current = nullptr;
  std::string function;
  for (const std::string& line : lines_of(output)) {
    if (line.rfind("0x", 0) == 0) {
      current = &places[without_zeros(line)];
      function.clear();
    } else if (current != nullptr && function.empty()) {
      function = line;
    } else if (current != nullptr) {
      if (line.rfind("??", 0) != 0) current->push_back(function + " at " + line);
      function.clear();
    }
  }
  return places;
}

bool is_part_of_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '/' || c == '.' ||
         c == '-';
}

}  // namespace

std::string renamed(std::string text, const Naming& naming) {
  const std::string inside = std::string(kSourceRoot) + "/";
  for (std::size_t at = 0; (at = text.find(inside, at)) != std::string::npos;)
    text.erase(at, inside.size());
  const std::string name = naming.compiled_as + ":";
  for (std::size_t at = 0; (at = text.find(name, at)) != std::string::npos;) {
    if (at > 0 && is_part_of_name(text[at - 1])) {
      at += name.size();
      continue;
    }
    text.replace(at, name.size() - 1, naming.shown_as);
    at += naming.shown_as.size();
  }
  return text;
}

std::string with_lines(const Toolchain& toolchain, bool boxed, const std::filesystem::path& worker,
                       const std::string& report, const Naming& naming) {
  const std::vector<std::string> lines = lines_of(report);
  ToolRun tool(toolchain.addr2line, boxed);
  std::vector<std::string> arguments = {"-a", "-i", "-f",
                                        "-C", "-e", tool.show(worker, "/input/worker")};
  const std::size_t options = arguments.size();
  for (const std::string& line : lines)
    if (const std::string address = address_in(line);
        !address.empty() && arguments.size() < options + kMostAddresses)
      arguments.push_back(address);
  std::map<std::string, std::vector<std::string>> places;
  if (arguments.size() > options) places = places_of(tool.run(arguments).out);

  std::string text;
  for (const std::string& line : lines) {
    text += line + "\n";
    const auto found = places.find(address_in(line));
    if (found == places.end()) continue;
    for (const std::string& place : found->second) text += "       " + place + "\n";
  }
  return renamed(std::move(text), naming);
}

}  // namespace kata::builder
