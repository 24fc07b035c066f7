#include "builder/messages.hpp"

#include <algorithm>

#include "builder/diagnostics.hpp"
#include "builder/headers.hpp"

namespace kata::builder {
namespace {

using Kind = Diagnostic::Kind;

constexpr std::size_t kMostUndefined = 5;
constexpr std::size_t kMostWarnings = 5;
constexpr std::size_t kWidth = 160;

bool is_here(const Diagnostic& d, const Naming& naming) {
  return d.file == naming.compiled_as || d.file == "./" + naming.compiled_as;
}

// The snippet, cut around its caret when the line is long.
std::string snippet_of(const Diagnostic& d) {
  std::size_t start = 0;
  if (d.column > kWidth - 40) start = d.column - (kWidth - 80);
  std::string text;
  for (const std::string& line : d.snippet)
    text += (line.size() > start ? line.substr(start, kWidth) : std::string()) + "\n";
  return text;
}

std::string place_of(const Diagnostic& d, const std::string& file) {
  return file + ":" + std::to_string(d.line) + ":" + std::to_string(d.column) + ": ";
}

// A header as the author would include it.
std::string header_name(const std::string& file) {
  return included_as(file).value_or(file);
}

// Eigen says what is wrong in the name of a static assertion, behind a page of template arguments.
std::string reason_of(const Diagnostic& error) {
  const bool asserted = error.text.rfind("static_assert failed", 0) == 0 ||
                        error.text.rfind("static assertion failed", 0) == 0;
  if (!asserted) return error.text.substr(0, 300);
  std::size_t start = error.text.rfind("' \"");  // clang up to 15
  if (start != std::string::npos && error.text.back() == '"')
    return error.text.substr(start + 3, error.text.size() - start - 4);
  start = error.text.rfind("': ");
  return start == std::string::npos ? error.text.substr(0, 300) : error.text.substr(start + 3);
}

std::string level(const Diagnostic& d) {
  return d.kind == Kind::error ? "error: " : "warning: ";
}

std::string told_here(const Diagnostic& d, const Naming& naming) {
  std::string text =
      place_of(d, naming.shown_as) + level(d) + d.text.substr(0, 400) + "\n" + snippet_of(d);
  // One note: where the other declaration is, which candidate does not fit, ...
  for (const Diagnostic& note : d.notes) {
    const std::string file = is_here(note, naming) ? naming.shown_as : header_name(note.file);
    text += place_of(note, file) + "note: " + note.text.substr(0, 300) + "\n" + snippet_of(note);
    break;
  }
  return text;
}

// Told at the author's line that led into the library.
std::string told_from(const Diagnostic& error, const Diagnostic& note, const Naming& naming) {
  return place_of(note, naming.shown_as) + "error: " + reason_of(error) + "\n" + snippet_of(note) +
         "(found in " + header_name(error.file) + ", which this line uses)\n";
}

const Diagnostic* note_here(const Diagnostic& error, const Naming& naming) {
  const auto found = std::find_if(error.notes.begin(), error.notes.end(),
                                  [&](const Diagnostic& note) { return is_here(note, naming); });
  return found == error.notes.end() ? nullptr : &*found;
}

}  // namespace

std::string first_error(std::string_view output, const Naming& naming) {
  const std::vector<Diagnostic> all = diagnostics_in(output);
  const Diagnostic* elsewhere = nullptr;
  for (const Diagnostic& d : all) {
    if (d.kind != Kind::error) continue;
    if (is_here(d, naming)) return told_here(d, naming);
    if (const Diagnostic* note = note_here(d, naming)) return told_from(d, *note, naming);
    if (elsewhere == nullptr) elsewhere = &d;
  }
  if (elsewhere != nullptr)
    return place_of(*elsewhere, header_name(elsewhere->file)) + "error: " + reason_of(*elsewhere) +
           "\n" + snippet_of(*elsewhere);
  return std::string(output.substr(0, 1000));
}

std::string warnings_in(std::string_view output, const Naming& naming) {
  std::string text;
  std::size_t count = 0;
  for (const Diagnostic& d : diagnostics_in(output)) {
    if (d.kind != Kind::warning || !is_here(d, naming)) continue;
    if (count++ == kMostWarnings) break;
    text += place_of(d, naming.shown_as) + level(d) + d.text.substr(0, 400) + "\n" + snippet_of(d);
  }
  return text;
}

std::optional<MissingHeader> missing_header(std::string_view output, const Naming& naming) {
  for (const Diagnostic& d : diagnostics_in(output)) {
    const std::size_t end = d.text.rfind("' file not found");
    if (d.kind == Kind::error && end != std::string::npos && end > 1 && d.text.front() == '\'')
      return MissingHeader{d.text.substr(1, end - 1),
                           is_here(d, naming) ? std::string() : header_name(d.file)};
  }
  return {};
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
