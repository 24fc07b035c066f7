// See text.hpp.
#include "report/text.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace kata::report {

namespace {

constexpr char32_t kReplacement = 0xfffd;

/// Takes one character off the front; a byte that begins none is one kReplacement.
char32_t take(std::string_view& rest) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(rest[i]); };
  const unsigned char first = byte(0);
  std::size_t length = 1;
  char32_t c = first;
  char32_t least = 0;  // a longer form than needed is an attack on comparisons, not a character
  if (first >= 0xf0 && first <= 0xf4) {
    length = 4, c = first & 0x07u, least = 0x10000;
  } else if (first >= 0xe0 && first < 0xf0) {
    length = 3, c = first & 0x0fu, least = 0x800;
  } else if (first >= 0xc2 && first < 0xe0) {
    length = 2, c = first & 0x1fu, least = 0x80;
  } else if (first >= 0x80) {
    c = kReplacement;
  }
  for (std::size_t i = 1; i < length; ++i) {
    if (i == rest.size() || (byte(i) & 0xc0u) != 0x80) {
      rest.remove_prefix(i);
      return kReplacement;
    }
    c = (c << 6) | (byte(i) & 0x3fu);
  }
  rest.remove_prefix(length);
  const bool surrogate = c >= 0xd800 && c <= 0xdfff;
  return c < least || surrogate || c > 0x10ffff ? kReplacement : c;
}

void append(std::string& out, char32_t c) {
  const auto put = [&](char32_t byte) { out += static_cast<char>(byte); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xc0 | (c >> 6)), put(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    put(0xe0 | (c >> 12)), put(0x80 | ((c >> 6) & 0x3f)), put(0x80 | (c & 0x3f));
  } else {
    put(0xf0 | (c >> 18)), put(0x80 | ((c >> 12) & 0x3f));
    put(0x80 | ((c >> 6) & 0x3f)), put(0x80 | (c & 0x3f));
  }
}

struct Range {
  char32_t first, last;
};

template <std::size_t N>
bool within(const std::array<Range, N>& ranges, char32_t c) {
  const auto at = std::lower_bound(ranges.begin(), ranges.end(), c,
                                   [](const Range& range, char32_t x) { return range.last < x; });
  return at != ranges.end() && c >= at->first;
}

// Sorted. General category Mn, Me and Cf where a report can meet them.
constexpr std::array<Range, 15> kNarrowest = {{{0x0300, 0x036f},
                                               {0x0483, 0x0489},
                                               {0x0591, 0x05bd},
                                               {0x0610, 0x061a},
                                               {0x064b, 0x065f},
                                               {0x0e31, 0x0e31},
                                               {0x0e34, 0x0e3a},
                                               {0x1ab0, 0x1aff},
                                               {0x1dc0, 0x1dff},
                                               {0x200b, 0x200f},
                                               {0x2060, 0x2064},
                                               {0x20d0, 0x20f0},
                                               {0xfe00, 0xfe0f},
                                               {0xfe20, 0xfe2f},
                                               {0xfeff, 0xfeff}}};

// Sorted. East Asian Width W and F, whole blocks where they are nearly all wide.
constexpr std::array<Range, 22> kWidest = {
    {{0x1100, 0x115f},   {0x231a, 0x231b},  {0x23e9, 0x23ec}, {0x25fd, 0x25fe}, {0x2614, 0x2615},
     {0x2705, 0x2705},   {0x274c, 0x274c},  {0x2753, 0x2755}, {0x2b1b, 0x2b1c}, {0x2b50, 0x2b50},
     {0x2e80, 0x303e},   {0x3041, 0x33ff},  {0x3400, 0x4dbf}, {0x4e00, 0xa4cf}, {0xa960, 0xa97c},
     {0xac00, 0xd7a3},   {0xf900, 0xfaff},  {0xfe30, 0xfe6f}, {0xff00, 0xff60}, {0xffe0, 0xffe6},
     {0x1f300, 0x1faff}, {0x20000, 0x3fffd}}};

int width_of(char32_t c) {
  if (within(kNarrowest, c)) return 0;
  return within(kWidest, c) ? 2 : 1;
}

bool is_unsafe(char32_t c) {
  if (c == '\n' || c == '\t') return false;
  const bool control = c < 0x20 || (c >= 0x7f && c <= 0x9f);
  // They show a line in another order than it has, or break it where a reader sees no break.
  const bool reorders = (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) ||
                        c == 0x200e || c == 0x200f || c == 0x2028 || c == 0x2029;
  return control || reorders;
}

struct Spelling {
  char32_t c;
  const char* ascii;
};
constexpr Spelling kSpellings[] = {
    {0x00a0, " "},    {0x00b1, "+-"},    {0x00b2, "^2"},    {0x00b3, "^3"},     {0x00b5, "mu"},
    {0x00b7, "."},    {0x00d7, "x"},     {0x0302, "_hat"},  {0x0304, "_bar"},   {0x0394, "Delta"},
    {0x03a3, "sum"},  {0x03b1, "alpha"}, {0x03b2, "beta"},  {0x03b3, "gamma"},  {0x03b4, "delta"},
    {0x03b5, "eps"},  {0x03b7, "eta"},   {0x03b8, "theta"}, {0x03bb, "lambda"}, {0x03bc, "mu"},
    {0x03c0, "pi"},   {0x03c1, "rho"},   {0x03c3, "sigma"}, {0x2013, "-"},      {0x2014, "-"},
    {0x2016, "||"},   {0x2018, "'"},     {0x2019, "'"},     {0x201c, "\""},     {0x201d, "\""},
    {0x2026, "..."},  {0x2080, "_0"},    {0x2081, "_1"},    {0x2082, "_2"},     {0x2190, "<-"},
    {0x2192, "->"},   {0x2202, "d"},     {0x2207, "grad "}, {0x2211, "sum"},    {0x2212, "-"},
    {0x221a, "sqrt"}, {0x221e, "inf"},   {0x2248, "~"},     {0x2260, "!="},     {0x2264, "<="},
    {0x2265, ">="},   {0x2713, "+"},     {0x2717, "x"},     {0x1d40, "^T"},
};

}  // namespace

std::string safe_text(std::string_view text, std::size_t max_bytes) {
  std::string out;
  while (!text.empty()) {
    std::string_view rest = text;
    char32_t c = take(rest);
    if (c == '\r' && !rest.empty() && rest[0] == '\n') {
      text = rest;
      continue;
    }
    if (is_unsafe(c)) c = kReplacement;
    std::string bytes;
    append(bytes, c);
    if (out.size() + bytes.size() > max_bytes) break;
    out += bytes;
    text = rest;
  }
  if (!text.empty()) out += "... " + std::to_string(text.size()) + " more bytes";
  return out;
}

int display_width(std::string_view text) {
  int columns = 0;
  while (!text.empty()) columns += width_of(take(text));
  return columns;
}

std::string cut_to(std::string_view text, int columns, std::string_view ellipsis) {
  if (display_width(text) <= columns) return std::string(text);
  const int room = columns - display_width(ellipsis);
  std::string out;
  for (int used = 0; !text.empty();) {
    const char32_t c = take(text);
    used += width_of(c);
    if (used > room) break;
    append(out, c);
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out.append(ellipsis);
}

std::vector<std::string> wrap(std::string_view text, int columns) {
  std::vector<std::string> lines(1);
  int used = 0;
  std::size_t break_at = 0;  // in the last line: where it may be broken; 0: nowhere
  bool continues = false;    // the last line was begun by a break of ours
  while (!text.empty()) {
    char32_t c = take(text);
    if (c == '\n') {
      lines.emplace_back();
      used = 0, break_at = 0, continues = false;
      continue;
    }
    if (c == '\t') c = ' ';
    if (c == ' ' && continues && used == 0) continue;
    const int width = width_of(c);
    if (used + width > columns && used > 0) {
      std::string carried;
      if (c != ' ' && break_at > 0) {
        carried = lines.back().substr(break_at);
        lines.back().resize(break_at);
      }
      while (!lines.back().empty() && lines.back().back() == ' ') lines.back().pop_back();
      lines.push_back(carried);
      used = display_width(carried), break_at = 0, continues = true;
      if (c == ' ') continue;
    }
    append(lines.back(), c);
    used += width;
    if (c == ' ' || width == 2) break_at = lines.back().size();
  }
  return lines;
}

std::string to_ascii(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const char32_t c = take(text);
    const auto at = std::find_if(std::begin(kSpellings), std::end(kSpellings),
                                 [&](const Spelling& spelling) { return spelling.c == c; });
    if (c < 0x80)
      out += static_cast<char>(c);
    else if (at != std::end(kSpellings))
      out += at->ascii;
    else if (width_of(c) > 0)
      out += '?';
  }
  return out;
}

}  // namespace kata::report
