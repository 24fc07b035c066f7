// See pen.hpp.
#include "report/pen.hpp"

#include <algorithm>
#include <cmath>

#include "report/text.hpp"

namespace kata::report {

namespace {

constexpr std::size_t kMaxText = 16000;  // of one piece on a terminal

}  // namespace

Pen::Pen(const Style& style)
    : colour_(style.colour),
      unicode_(style.unicode),
      width_(std::clamp(style.width, 40, 120)),
      lang_(style.unicode ? style.lang : "en"),
      words_(report::words(lang_)) {}

std::string Pen::clean(std::string_view text) const {
  const std::string safe = safe_text(text, kMaxText);
  return unicode_ ? safe : to_ascii(safe);
}

std::string Pen::line(std::string_view text) const {
  std::string out = clean(text);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
  return out;
}

std::string Pen::ink(Ink ink, const std::string& text) const {
  if (!colour_ || text.empty()) return text;
  const char* code = "";
  switch (ink) {
    case Ink::plain:
      return text;
    case Ink::bold:
      code = "1";
      break;
    case Ink::dim:
      code = "2";
      break;
    case Ink::good:
      code = "32";
      break;
    case Ink::bad:
      code = "31";
      break;
    case Ink::warning:
      code = "33";
      break;
  }
  return std::string("\x1b[") + code + "m" + text + "\x1b[0m";
}

Ink Pen::ink_of(Status status) {
  switch (status) {
    case Status::passed:
      return Ink::good;
    case Status::not_attempted:
    case Status::not_run:
      return Ink::dim;
    case Status::public_only:
    case Status::grader_fault:
      return Ink::warning;
    default:
      return Ink::bad;
  }
}

std::string Pen::mark(Status status) const {
  const Ink ink = ink_of(status);
  if (ink == Ink::good) return this->ink(ink, unicode_ ? "✓" : "+");
  if (ink == Ink::bad) return this->ink(ink, unicode_ ? "✗" : "x");
  if (ink == Ink::warning) return this->ink(ink, "!");
  return this->ink(ink, unicode_ ? "–" : "-");
}

std::string Pen::padded(const std::string& text, int columns) {
  return text + spaces(columns - display_width(text));
}

std::string spaces(int n) {
  return std::string(static_cast<std::size_t>(std::max(n, 0)), ' ');
}

std::string number(double x, int digits) {
  if (!std::isfinite(x)) return "?";
  std::string out = fmt::format("{:.{}f}", x, digits);
  if (out.find('.') == std::string::npos) return out;
  while (out.back() == '0') out.pop_back();
  if (out.back() == '.') out.pop_back();
  return out == "-0" ? "0" : out;
}

std::string lines_of(const std::string& text, Ink ink, const Pen& pen) {
  std::string out;
  for (const std::string& line : wrap(text, pen.width())) out += pen.ink(ink, line) + "\n";
  return out;
}

std::string points_text(double points, double max_points, const Pen& pen) {
  return filled(pen.words().points, number(points), number(max_points));
}

}  // namespace kata::report
