// Marks, colours and columns: how the terminal's text is set, apart from what it says.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "report/terminal.hpp"
#include "report/words.hpp"

namespace kata::report {

enum class Ink { plain, bold, dim, good, bad, warning };

class Pen {
 public:
  explicit Pen(const Style& style);

  const Words& words() const { return words_; }
  const std::string& lang() const { return lang_; }
  int width() const { return width_; }

  /// Safe for this terminal: see text.hpp.
  std::string clean(std::string_view text) const;
  /// As clean(), on one line.
  std::string line(std::string_view text) const;
  std::string ink(Ink ink, const std::string& text) const;

  std::string mark(Status status) const;  // a check, a cross or a dash, coloured
  static Ink ink_of(Status status);
  const char* dot() const { return unicode_ ? " · " : " | "; }
  const char* ellipsis() const { return unicode_ ? "…" : "..."; }

  /// `text` and spaces up to `columns`.
  static std::string padded(const std::string& text, int columns);

 private:
  bool colour_, unicode_;
  int width_;
  std::string lang_;
  const Words& words_;
};

inline const char* const kIndent = "  ";
constexpr int kIndentWidth = 2;

std::string spaces(int n);  // none when negative

/// A format of ours, from words.hpp.
template <class... Args>
std::string filled(const char* format, const Args&... args) {
  return fmt::format(fmt::runtime(format), args...);
}

/// 2.5, 10, 0.67: at most `digits` after the point, none that say nothing.
std::string number(double x, int digits = 2);

/// The text's lines, wrapped to the terminal, each in `ink`.
std::string lines_of(const std::string& text, Ink ink, const Pen& pen);

/// "0 of 10 points".
std::string points_text(double points, double max_points, const Pen& pen);

}  // namespace kata::report
