#include "builder/messages.hpp"

#include <algorithm>
#include <sstream>

namespace kata::builder {
namespace {

constexpr std::size_t kMostUndefined = 5;

}  // namespace

std::string first_error(std::string_view output, const Naming& naming) {
  (void)naming;
  return std::string(output.substr(0, 2000));
}

std::string warnings_in(std::string_view output, const Naming& naming) {
  (void)naming;
  return std::string(output.substr(0, 2000));
}

std::vector<std::string> undefined_in(std::string_view linker_output) {
  const std::string_view mark = "undefined symbol: ";
  std::vector<std::string> names;
  std::size_t at = 0;
  while ((at = linker_output.find(mark, at)) != std::string_view::npos) {
    at += mark.size();
    const std::string name(linker_output.substr(at, linker_output.find('\n', at) - at));
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    if (names.size() == kMostUndefined) break;
  }
  return names;
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i)
    text += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
  return text;
}

}  // namespace kata::builder
