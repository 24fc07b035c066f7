#include "examiner/replies.hpp"

#include <algorithm>
#include <cmath>

namespace kata::examiner {

namespace {

constexpr double kSame = 1e-4;   // relative: what rounding in float may do to an answer
constexpr double kNearer = 0.1;  // of the distance to the reference
constexpr double kFloor = 1e-6;  // of the largest number in the array: below that all is noise
constexpr double kStray = 2e-3;  // share of numbers that cancellation may throw off

double largest(const Reply& reply) {
  double most = 0;
  for (const double x : reply)
    if (std::isfinite(x)) most = std::max(most, std::fabs(x));
  return most;
}

/// Relative, above a floor; 0 for two that are alike in not being finite.
double distance(double a, double b, double floor) {
  if (a == b || (std::isnan(a) && std::isnan(b))) return 0;
  if (!std::isfinite(a) || !std::isfinite(b)) return 1;
  return std::fabs(a - b) / (std::max(std::fabs(a), std::fabs(b)) + floor);
}

bool same_shape(const Replies& a, const Replies& b) {
  return std::equal(a.arrays().begin(), a.arrays().end(), b.arrays().begin(), b.arrays().end(),
                    [](const Reply& x, const Reply& y) { return x.size() == y.size(); });
}

}  // namespace

Match match(const Replies& answer, const Replies& reference, const Replies& mutant) {
  if (!same_shape(answer, mutant)) return Match::no;
  const bool comparable = same_shape(answer, reference);
  std::size_t numbers = 0;
  std::size_t strays = 0;
  bool wrong = !comparable;  // another number of calls or callbacks is a difference by itself
  for (std::size_t k = 0; k < answer.arrays().size(); ++k) {
    const Reply& a = answer.arrays()[k];
    const Reply& m = mutant.arrays()[k];
    const double floor =
        kFloor * (comparable ? largest(reference.arrays()[k]) : largest(a)) + 1e-300;
    for (std::size_t i = 0; i < a.size(); ++i) {
      ++numbers;
      const double from_reference =
          comparable ? distance(a[i], reference.arrays()[k][i], floor) : 0;
      const double from_mutant = distance(a[i], m[i], floor);
      if (from_reference > kSame) {
        wrong = true;
        if (from_mutant > std::max(kNearer * from_reference, kSame / 10)) ++strays;
      } else if (from_mutant > 10 * kSame) {
        ++strays;
      }
    }
  }
  if (static_cast<double>(strays) > kStray * static_cast<double>(numbers)) return Match::no;
  return wrong ? Match::explains : Match::silent;
}

}  // namespace kata::examiner
