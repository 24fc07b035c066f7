// The compiler's output as data.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kata::builder {

struct Diagnostic {
  enum class Kind { note, warning, error };
  std::string file;
  unsigned line = 0, column = 0;
  Kind kind = Kind::note;
  std::string text;
  std::vector<std::string> snippet;  // the source line, its caret, perhaps what to insert
  std::vector<Diagnostic> notes;     // of a warning or an error
};

/// Warnings and errors in their order, each with its notes. What is no diagnostic is left out.
std::vector<Diagnostic> diagnostics_in(std::string_view output);

}  // namespace kata::builder
