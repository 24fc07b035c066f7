// See nearest.hpp.
#include "catalog/nearest.hpp"

#include <algorithm>
#include <utility>

namespace kata::catalog {

namespace {

constexpr std::size_t kLongest = 100;  // nobody types more; bounds the work
constexpr int kFar = 1000;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lowered(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

std::string_view last_part(std::string_view id) {
  const auto slash = id.rfind('/');
  return slash == std::string_view::npos ? id : id.substr(slash + 1);
}

/// The distance, or kFar when nobody would see the likeness.
int closeness(std::string_view typed, std::string_view word) {
  if (typed.empty() || word.empty()) return kFar;
  const int distance = edit_distance(typed, word);
  const int letters = static_cast<int>(std::max(typed.size(), word.size()));
  if (distance <= std::max(letters > 2 ? 1 : 0, letters / 3)) return distance;
  const bool part = typed.size() >= 3 && lowered(word).find(lowered(typed)) != std::string::npos;
  return part ? letters / 3 + 1 : kFar;
}

template <class Score>
std::vector<std::string> best(const std::vector<std::string>& words, std::size_t n, Score score) {
  std::vector<std::pair<int, const std::string*>> near;
  for (const std::string& word : words) {
    const int distance = score(word);
    if (distance < kFar) near.emplace_back(distance, &word);
  }
  std::stable_sort(near.begin(), near.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> out;
  for (std::size_t i = 0; i < near.size() && i < n; ++i) out.push_back(*near[i].second);
  return out;
}

}  // namespace

int edit_distance(std::string_view a, std::string_view b) {
  // Three rows of the table of distances between prefixes: the one before last serves the swaps.
  const std::size_t width = b.size() + 1;
  std::vector<int> before(width), last(width), row(width);
  for (std::size_t j = 0; j < width; ++j) row[j] = static_cast<int>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before.swap(last);
    last.swap(row);
    row[0] = static_cast<int>(i);
    for (std::size_t j = 1; j < width; ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                           lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row.back();
}

std::vector<std::string> nearest_words(std::string_view typed,
                                       const std::vector<std::string>& words, std::size_t n) {
  typed = typed.substr(0, kLongest);
  return best(words, n, [&](const std::string& word) { return closeness(typed, word); });
}

std::vector<std::string> nearest_ids(std::string_view typed, const std::vector<std::string>& ids,
                                     std::size_t n) {
  typed = typed.substr(0, kLongest);
  const bool whole = typed.find('/') != std::string_view::npos;
  return best(ids, n, [&](const std::string& id) {
    // A name that fits under a wrong topic comes after an id that fits as a whole.
    const int by_name = closeness(last_part(typed), last_part(id)) + (whole ? 1 : 0);
    return std::min(closeness(typed, id), by_name);
  });
}

}  // namespace kata::catalog
