// Text that came from somewhere else, made fit for a JSON file and a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace kata::report {

/// Valid UTF-8 of at most `max_bytes` bytes: what is not UTF-8, control characters but for newline
/// and tab, and the characters that reorder a line for its reader become U+FFFD; CRLF becomes LF.
/// What is cut off is said ("... 70000 more bytes").
std::string safe_text(std::string_view text, std::size_t max_bytes);

/// Columns on a terminal: 2 for the wide characters of East Asia and emoji, 0 for combining marks.
/// Own tables, since wcwidth(3) counts nothing right without a locale that may not be installed.
/// `text` must be safe and without newlines.
int display_width(std::string_view text);

/// The longest beginning that fits into `columns`; when something is cut off, it ends in
/// `ellipsis`.
std::string cut_to(std::string_view text, int columns, std::string_view ellipsis);

/// Lines of at most `columns`, broken at spaces and after wide characters; newlines are kept.
std::vector<std::string> wrap(std::string_view text, int columns);

/// For a terminal without UTF-8: mathematical signs are spelled out, the rest becomes '?'.
std::string to_ascii(std::string_view text);

}  // namespace kata::report
