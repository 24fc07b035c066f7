// Another honest way: the definition of H, read as a recursion on the pairs. H_k q needs H_{k-1} of
// one vector only, so no matrix is formed. The history is a deque.
#include <cmath>
#include <deque>
#include <stdexcept>

#include "second_order/lbfgs/lbfgs.hpp"
#include "second_order/lbfgs/wolfe.hpp"

namespace second_order::lbfgs {
namespace {

using kata::Vectord;

struct Pair {
  Vectord s, y;
  bool usable() const { return s.dot(y) > kCurvatureThreshold * s.norm() * y.norm(); }
};
using Pairs = std::deque<Pair>;  // usable ones, the oldest first

/// H_k q, from the `k` oldest pairs on top of gamma.
Vectord apply(const Pairs& pairs, std::size_t k, double gamma, const Vectord& q) {
  if (k == 0) return gamma * q;
  const Pair& pair = pairs[k - 1];
  const double rho = 1 / pair.s.dot(pair.y);
  const double sq = pair.s.dot(q);
  const Vectord inner = apply(pairs, k - 1, gamma, q - rho * sq * pair.y);
  return inner + rho * (sq - pair.y.dot(inner)) * pair.s;
}

Vectord direction_of(const Vectord& grad, const Pairs& pairs) {
  double gamma = 1;
  if (!pairs.empty()) gamma = pairs.back().s.dot(pairs.back().y) / pairs.back().y.squaredNorm();
  return -apply(pairs, pairs.size(), gamma, grad);
}

void refuse_unless(bool good, const char* sentence) {
  if (!good) throw std::invalid_argument(sentence);
}

}  // namespace

void lbfgs_direction(kata::In<Vectord> grad, kata::In<kata::Matrixd> s, kata::In<kata::Matrixd> y,
                     kata::Out<Vectord> direction) {
  refuse_unless(grad.size() > 0, "grad has no entry");
  refuse_unless(s.cols() == grad.size(), "a row of s is not as long as grad");
  refuse_unless(y.rows() == s.rows() && y.cols() == s.cols(), "s and y differ in shape: see y");
  refuse_unless(direction.size() == grad.size(), "direction is not as long as grad");
  Pairs pairs;
  for (kata::Index i = 0; i < s.rows(); ++i) {
    Pair pair{s.row(i), y.row(i)};
    if (pair.usable()) pairs.push_back(std::move(pair));
  }
  direction = direction_of(grad, pairs);
}

LbfgsResult lbfgs_minimize(const kata::Objective& objective, kata::Out<Vectord> x,
                           const LbfgsOptions& options) {
  refuse_unless(x.size() > 0, "x has no entry");
  refuse_unless(options.history > 0, "history must be positive");
  refuse_unless(options.grad_tolerance >= 0, "grad_tolerance must not be negative");
  refuse_unless(options.max_iterations >= 0, "max_iterations must not be negative");
  refuse_unless(options.max_evaluations > 0, "max_evaluations must be positive");
  Point now{x, 0, Vectord(x.size())};
  now.value = objective(now.x, now.grad);
  refuse_unless(std::isfinite(now.value) && now.grad.allFinite(), "not finite at the start x");

  Pairs pairs;
  LbfgsResult result;
  result.evaluations = 1;
  const auto finish = [&](LbfgsStatus status) {
    x = now.x;
    result.status = status;
    result.value = now.value;
    result.grad_norm = now.grad.cwiseAbs().maxCoeff();
    return result;
  };
  while (now.grad.cwiseAbs().maxCoeff() > options.grad_tolerance) {
    if (result.iterations == options.max_iterations) return finish(LbfgsStatus::max_iterations);
    const int left = options.max_evaluations - result.evaluations;
    if (left == 0) return finish(LbfgsStatus::max_evaluations);
    const Vectord direction = direction_of(now.grad, pairs);
    Point next = now;
    const WolfeStep step = wolfe_step(objective, now, direction,
                                      pairs.empty() ? 1 / now.grad.norm() : 1.0, left, next);
    result.evaluations += step.evaluations;
    if (step.found == Found::nothing)
      return finish(step.evaluations == left ? LbfgsStatus::max_evaluations
                                             : LbfgsStatus::line_search_failed);
    Pair pair{next.x - now.x, next.grad - now.grad};
    if (pair.usable()) pairs.push_back(std::move(pair));
    if (pairs.size() > static_cast<std::size_t>(options.history)) pairs.pop_front();
    now = next;
    ++result.iterations;
  }
  return finish(LbfgsStatus::converged);
}

}  // namespace second_order::lbfgs
