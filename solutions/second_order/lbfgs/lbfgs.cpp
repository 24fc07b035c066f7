// The reference. What counts is the number of evaluations; after it, memory traffic:
//
// - s.y and y.y of a pair are computed once, when it arrives, not again in every iteration;
// - the oldest pair leaves by a rotation of pointers, and its memory takes the newest: no pair is
//   ever copied, and nothing is allocated any more once the history is full;
// - the sign is turned at the start of the recursion, which then runs in the result itself;
// - a search that finds nothing is not the end: stale pairs may be to blame, so they are dropped
// and
//   the steepest descent is tried before giving up.
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "second_order/lbfgs/lbfgs.hpp"
#include "second_order/lbfgs/wolfe.hpp"

namespace second_order::lbfgs {
namespace {

using kata::In;
using kata::Index;
using kata::Matrixd;
using kata::Out;
using kata::Vectord;

void require(bool holds, const std::string& message) {
  if (!holds) throw std::invalid_argument(message);
}

/// `Array` owns its numbers (in a history) or shows a row of the caller's.
template <class Array>
struct Pair {
  Array s, y;
  double sy = 0, yy = 0;

  /// Computes sy and yy. False if the pair is not usable, also when there is a NaN in it.
  bool measure() {
    sy = s.dot(y);
    yy = y.squaredNorm();
    return sy > kCurvatureThreshold * s.norm() * std::sqrt(yy);
  }
};

/// direction = -H grad; `alpha` is scratch.
template <class Array>
void two_loops(In<Vectord> grad, const std::vector<Pair<Array>>& pairs, std::vector<double>& alpha,
               Out<Vectord> direction) {
  direction = -grad;
  if (pairs.empty()) return;
  alpha.resize(pairs.size());
  for (std::size_t i = pairs.size(); i-- > 0;) {
    alpha[i] = pairs[i].s.dot(direction) / pairs[i].sy;
    direction -= alpha[i] * pairs[i].y;
  }
  direction *= pairs.back().sy / pairs.back().yy;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const double beta = pairs[i].y.dot(direction) / pairs[i].sy;
    direction += (alpha[i] - beta) * pairs[i].s;
  }
}

/// The newest usable pairs, the oldest first.
class History {
 public:
  explicit History(int capacity) : capacity_(static_cast<std::size_t>(capacity)) {}

  void add(const Point& from, const Point& to) {
    spare_.s = to.x - from.x;
    spare_.y = to.grad - from.grad;
    if (!spare_.measure()) return;
    if (pairs_.size() < capacity_) {
      pairs_.push_back(spare_);
    } else {
      std::rotate(pairs_.begin(), pairs_.begin() + 1, pairs_.end());
      std::swap(pairs_.back(), spare_);
    }
  }
  void clear() { pairs_.clear(); }
  const std::vector<Pair<Vectord>>& pairs() const { return pairs_; }

 private:
  std::size_t capacity_;
  std::vector<Pair<Vectord>> pairs_;
  Pair<Vectord> spare_;
};

void require_valid(In<Vectord> x, const LbfgsOptions& options) {
  require(x.size() >= 1, "x is empty");
  require(options.history >= 1,
          "history is " + std::to_string(options.history) + ", it must be at least 1");
  require(options.grad_tolerance >= 0, "grad_tolerance is not a number >= 0");
  require(options.max_iterations >= 0,
          "max_iterations is " + std::to_string(options.max_iterations) + ", below 0");
  require(options.max_evaluations >= 1,
          "max_evaluations is " + std::to_string(options.max_evaluations) + ", below 1");
}

}  // namespace

void lbfgs_direction(In<Vectord> grad, In<Matrixd> s, In<Matrixd> y, Out<Vectord> direction) {
  const Index n = grad.size();
  require(n >= 1, "grad is empty");
  require(s.cols() == n,
          "s has " + std::to_string(s.cols()) + " columns, grad " + std::to_string(n) + " entries");
  require(y.rows() == s.rows() && y.cols() == n, "y has not the shape of s");
  require(direction.size() == n, "direction has not the size of grad");

  using Row = Eigen::Map<const Vectord>;
  std::vector<Pair<Row>> pairs;
  pairs.reserve(static_cast<std::size_t>(s.rows()));
  for (Index i = 0; i < s.rows(); ++i) {
    Pair<Row> pair{Row(s.row(i).data(), n), Row(y.row(i).data(), n)};
    if (pair.measure()) pairs.push_back(pair);
  }
  std::vector<double> alpha;
  two_loops(grad, pairs, alpha, direction);
}

LbfgsResult lbfgs_minimize(const kata::Objective& objective, Out<Vectord> x,
                           const LbfgsOptions& options) {
  require_valid(x, options);
  Point here{x, 0, Vectord::Zero(x.size())};
  here.value = objective(here.x, here.grad);
  require(std::isfinite(here.value) && here.grad.allFinite(),
          "x is a start at which the objective or its gradient is not finite");

  Point there = here;
  History history(options.history);
  Vectord direction(x.size());
  std::vector<double> alpha;
  LbfgsResult result;
  result.evaluations = 1;
  for (;;) {
    result.value = here.value;
    result.grad_norm = here.grad.lpNorm<Eigen::Infinity>();
    result.status = LbfgsStatus::converged;
    if (result.grad_norm <= options.grad_tolerance) break;
    result.status = LbfgsStatus::max_iterations;
    if (result.iterations >= options.max_iterations) break;
    result.status = LbfgsStatus::max_evaluations;
    if (result.evaluations >= options.max_evaluations) break;

    const bool steepest = history.pairs().empty();
    two_loops(here.grad, history.pairs(), alpha, direction);
    const WolfeStep step =
        wolfe_step(objective, here, direction, steepest ? 1 / here.grad.norm() : 1.0,
                   options.max_evaluations - result.evaluations, there);
    result.evaluations += step.evaluations;
    if (step.found != Found::nothing) {
      history.add(here, there);
      std::swap(here, there);
      ++result.iterations;
    } else if (!steepest) {
      history.clear();
    } else {
      if (result.evaluations < options.max_evaluations)
        result.status = LbfgsStatus::line_search_failed;
      break;
    }
  }
  x = here.x;
  return result;
}

}  // namespace second_order::lbfgs
