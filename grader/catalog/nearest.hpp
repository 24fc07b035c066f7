// Which of the known words a mistyped one was probably meant to be.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace kata::catalog {

/// The number of single-character insertions, deletions, replacements and swaps of neighbours that
/// lead from `a` to `b`. Letters count as equal in either case.
int edit_distance(std::string_view a, std::string_view b);

/// Those of `words` that are near `typed`, best first, at most `n`: a third of the letters may be
/// wrong, or `typed` is a part of the word. Words equally near keep their order.
std::vector<std::string> nearest_words(std::string_view typed,
                                       const std::vector<std::string>& words, std::size_t n);

/// As nearest_words, for ids of the form topic/name: also near is an id whose name alone is near
/// what was typed, or near its last part.
std::vector<std::string> nearest_ids(std::string_view typed, const std::vector<std::string>& ids,
                                     std::size_t n);

}  // namespace kata::catalog
