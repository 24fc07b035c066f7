#include "builder/diagnostics.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace kata::builder {
namespace {

constexpr std::size_t kMostDiagnostics = 200;
constexpr std::size_t kLongestLine = 2000;
constexpr std::size_t kMostSnippetLines = 3;

bool take_number(std::string_view& rest, unsigned& number) {
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
  if (error != std::errc()) return false;
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  return true;
}

bool take(std::string_view& rest, std::string_view prefix) {
  if (rest.substr(0, prefix.size()) != prefix) return false;
  rest.remove_prefix(prefix.size());
  return true;
}

// "file:line:column: error: text". The file's name may hold colons.
std::optional<Diagnostic> headline(std::string_view line) {
  for (std::size_t colon = line.find(':'); colon != std::string_view::npos;
       colon = line.find(':', colon + 1)) {
    std::string_view rest = line.substr(colon);
    Diagnostic d;
    if (!take(rest, ":") || !take_number(rest, d.line) || !take(rest, ":") ||
        !take_number(rest, d.column) || !take(rest, ": "))
      continue;
    if (take(rest, "error: ") || take(rest, "fatal error: "))
      d.kind = Diagnostic::Kind::error;
    else if (take(rest, "warning: "))
      d.kind = Diagnostic::Kind::warning;
    else if (!take(rest, "note: "))
      continue;
    d.file = std::string(line.substr(0, colon));
    d.text = std::string(rest);
    return d;
  }
  return {};
}

// "2 errors generated."
bool is_tally(std::string_view line) {
  const std::string_view end = " generated.";
  return line.size() > end.size() && line.substr(line.size() - end.size()) == end &&
         line.front() >= '1' && line.front() <= '9';
}

}  // namespace

std::vector<Diagnostic> diagnostics_in(std::string_view output) {
  std::vector<Diagnostic> all;
  Diagnostic* current = nullptr;
  while (!output.empty()) {
    const std::size_t end = output.find('\n');
    const std::string_view line = output.substr(0, std::min(end, kLongestLine));
    output.remove_prefix(end == std::string_view::npos ? output.size() : end + 1);
    if (std::optional<Diagnostic> d = headline(line)) {
      if (d->kind != Diagnostic::Kind::note) {
        if (all.size() == kMostDiagnostics) break;
        current = &all.emplace_back(std::move(*d));
      } else if (!all.empty()) {
        current = &all.back().notes.emplace_back(std::move(*d));
      }
    } else if (line.rfind("In file included", 0) == 0 || is_tally(line)) {
      current = nullptr;
    } else if (current != nullptr && current->snippet.size() < kMostSnippetLines) {
      current->snippet.emplace_back(line);
    }
  }
  return all;
}

}  // namespace kata::builder
