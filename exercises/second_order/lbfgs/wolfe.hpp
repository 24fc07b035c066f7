// The line search that lbfgs_minimize may use: given, not asked.
//
// Along phi(a) = f(x + a d) it looks for a length a with
//
//     phi(a) <= phi(0) + c1 a phi'(0)       the value falls enough
//     |phi'(a)| <= c2 |phi'(0)|             the slope is much flatter: then s.y > 0
//
// It keeps an interval: its lower end fell enough and still goes down steeply, its upper end did
// not fall enough, goes up, or is outside of the domain. A length that meets both conditions lies
// in between (J. Nocedal, S. J. Wright, "Numerical Optimization", 2nd ed., lemma 3.1). Trials come
// from the cubic through both ends, kept away from them; the middle, when that shrinks too slowly.
//
// Where values differ by rounding alone, the first condition is judged by the slope instead
// (W. W. Hager, H. Zhang, SIAM J. Optim. 16 (2005), the "approximate Wolfe" condition): a search
// that compares values stalls about sqrt(epsilon) away from the minimum.
#pragma once

#include <algorithm>
#include <cmath>
#include <kata/arrays.hpp>
#include <limits>
#include <stdexcept>
#include <utility>

namespace second_order::lbfgs {

inline constexpr double kSufficientDecrease = 1e-4;  // c1
inline constexpr double kFlatterSlope = 0.9;         // c2
inline constexpr double kLongestStep = 10;           // in first trials
inline constexpr int kMostTrials = 30;
inline constexpr double kValueNoise = 1e-13;  // relative: what rounding does to a value

struct Point {
  kata::Vectord x;
  double value = 0;
  kata::Vectord grad;
};

enum class Found {
  wolfe,     // both conditions hold
  decrease,  // the value falls enough, the slope is still steep: s.y may be <= 0
  nothing,
};

struct WolfeStep {
  Found found = Found::nothing;
  double length = 0;    // to.x = from.x + length * direction
  int evaluations = 0;  // calls of the objective
};

namespace detail {

/// A length, the value and the slope there.
struct Sample {
  double at = 0, value = 0, slope = 0;
};

/// Where the cubic through two samples has its minimum; NaN if it has none.
inline double cubic_minimum(const Sample& a, const Sample& b) {
  const double d1 = a.slope + b.slope - 3 * (a.value - b.value) / (a.at - b.at);
  const double d2 = std::copysign(std::sqrt(d1 * d1 - a.slope * b.slope), b.at - a.at);
  return b.at - (b.at - a.at) * (b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2);
}

/// Falls enough below `start`, by value.
inline bool falls_enough(const Sample& start, const Sample& s) {
  return s.value <= start.value + kSufficientDecrease * s.at * start.slope;
}

/// The values say nothing any more, and the slope says that it falls enough.
inline bool falls_by_slope(const Sample& start, const Sample& s) {
  return std::abs(s.value - start.value) <= kValueNoise * std::abs(start.value) &&
         s.slope <= (2 * kSufficientDecrease - 1) * start.slope;
}

/// The next trial beyond a sample that still goes down.
inline double farther(const Sample& low, const Sample& s, double longest) {
  const double width = s.at - low.at;
  const double wanted = cubic_minimum(low, s);
  const double bounded = std::isfinite(wanted) && wanted > s.at ? wanted : s.at + 4 * width;
  return std::min(std::clamp(bounded, s.at + 0.5 * width, s.at + 4 * width), longest);
}

/// The next trial inside (low, high).
inline double between(const Sample& low, const Sample& high, bool shrinks) {
  const double width = high.at - low.at;
  if (!std::isfinite(high.value)) return low.at + 0.2 * width;
  const double wanted = cubic_minimum(low, high);
  if (!shrinks || !std::isfinite(wanted)) return low.at + 0.5 * width;
  return std::clamp(wanted, low.at + 0.05 * width, high.at - 0.05 * width);
}

}  // namespace detail

/// Searches from `from` along `direction`, with the first trial at length `first` > 0, no trial
/// beyond 10 `first`, and at most `max_evaluations` calls of the objective (30 if that is less).
///
/// Unless nothing is found, `to` is the point found, with its value and gradient. Nothing is found
/// if the direction does not go down (no call is made then) or no trial falls enough. `to.x` and
/// `to.grad` must have the size of x; what `to` holds before does not matter.
inline WolfeStep wolfe_step(const kata::Objective& objective, const Point& from,
                            kata::In<kata::Vectord> direction, double first, int max_evaluations,
                            Point& to) {
  using detail::Sample;
  if (!(first > 0) || !std::isfinite(first))
    throw std::invalid_argument("first, the first trial of wolfe_step, is not a positive number");
  const Sample start{0, from.value, from.grad.dot(direction)};
  if (!(start.slope < 0) || !std::isfinite(start.slope)) return {};

  const double longest = kLongestStep * first;
  const double infinity = std::numeric_limits<double>::infinity();
  Sample low = start;
  Sample high{infinity, infinity, infinity};
  double last_width = infinity;
  double trial = first;
  Point lowest;  // of those that fall enough by value and are no Wolfe points
  WolfeStep step;
  while (step.evaluations < std::min(max_evaluations, kMostTrials)) {
    to.x = from.x + trial * direction;
    to.value = objective(to.x, to.grad);
    ++step.evaluations;
    Sample here{trial, to.value, to.grad.dot(direction)};
    if (!std::isfinite(here.value) || !std::isfinite(here.slope))
      here.value = here.slope = infinity;  // outside of the domain

    const bool lower = std::isfinite(here.value) && detail::falls_enough(start, here);
    const bool enough = lower || detail::falls_by_slope(start, here);
    if (enough && std::abs(here.slope) <= kFlatterSlope * -start.slope) {
      step.found = Found::wolfe;
      step.length = trial;
      return step;
    }
    if (lower && (step.found == Found::nothing || to.value < lowest.value)) {
      lowest = to;
      step.found = Found::decrease;
      step.length = trial;
    }

    if (enough && here.slope < 0 && !std::isfinite(high.at)) {
      if (trial >= longest) break;
      trial = detail::farther(low, here, longest);
      low = here;
      continue;
    }
    (enough && here.slope < 0 ? low : high) = here;
    const double width = high.at - low.at;
    trial = detail::between(low, high, width <= 0.7 * last_width);
    last_width = width;
    if (!(trial > low.at && trial < high.at)) break;  // no number is left in between
  }
  if (step.found == Found::decrease) std::swap(to, lowest);
  return step;
}

}  // namespace second_order::lbfgs
