#include "second_order/lbfgs/lbfgs.hpp"

#include <cmath>
#include <deque>
#include <stdexcept>
#include <vector>

#include "second_order/lbfgs/wolfe.hpp"

namespace second_order::lbfgs {

namespace {

struct Pair {
  Eigen::VectorXd s, y;
  double sy;
};

bool good(const Eigen::VectorXd& s, const Eigen::VectorXd& y) {
  return s.dot(y) > kCurvatureThreshold * s.norm() * y.norm();
}

Eigen::VectorXd two_loops(const std::deque<Pair>& pairs, Eigen::VectorXd q) {
  std::vector<double> a(pairs.size());
  for (int i = int(pairs.size()) - 1; i >= 0; --i) {
    a[i] = pairs[i].s.dot(q) / pairs[i].sy;
    q -= a[i] * pairs[i].y;
  }
  if (!pairs.empty()) q *= pairs.back().sy / pairs.back().y.squaredNorm();
  for (size_t i = 0; i < pairs.size(); ++i) q += pairs[i].s * (a[i] - pairs[i].y.dot(q) / pairs[i].sy);
  return -q;
}

}  // namespace

void lbfgs_direction(kata::In<kata::Vectord> grad, kata::In<kata::Matrixd> s,
                     kata::In<kata::Matrixd> y, kata::Out<kata::Vectord> direction) {
  if (grad.size() == 0) throw std::invalid_argument("grad must not be empty");
  if (s.cols() != grad.size()) throw std::invalid_argument("s: one column per variable");
  if (y.rows() != s.rows() || y.cols() != s.cols()) throw std::invalid_argument("y: not like s");
  if (direction.size() != grad.size()) throw std::invalid_argument("direction: wrong size");
  std::deque<Pair> pairs;
  for (int i = 0; i < s.rows(); ++i) {
    Eigen::VectorXd si = s.row(i), yi = y.row(i);
    if (good(si, yi)) pairs.push_back({si, yi, si.dot(yi)});
  }
  direction = two_loops(pairs, grad);
}

LbfgsResult lbfgs_minimize(const kata::Objective& objective, kata::Out<kata::Vectord> x,
                           const LbfgsOptions& options) {
  if (x.size() == 0) throw std::invalid_argument("x must not be empty");
  if (options.history < 1) throw std::invalid_argument("history < 1");
  if (!(options.grad_tolerance >= 0)) throw std::invalid_argument("grad_tolerance < 0");
  if (options.max_iterations < 0) throw std::invalid_argument("max_iterations < 0");
  if (options.max_evaluations < 1) throw std::invalid_argument("max_evaluations < 1");

  Point now{x, 0, Eigen::VectorXd::Zero(x.size())};
  now.value = objective(now.x, now.grad);
  if (!std::isfinite(now.value) || !now.grad.allFinite()) throw std::invalid_argument("x: not finite there");
  Point next = now;
  std::deque<Pair> pairs;
  LbfgsResult r;
  r.evaluations = 1;
  while (true) {
    r.value = now.value;
    r.grad_norm = now.grad.lpNorm<Eigen::Infinity>();
    if (r.grad_norm <= options.grad_tolerance) {
      r.status = LbfgsStatus::converged;
      break;
    }
    if (r.iterations >= options.max_iterations) {
      r.status = LbfgsStatus::max_iterations;
      break;
    }
    if (r.evaluations >= options.max_evaluations) {
      r.status = LbfgsStatus::max_evaluations;
      break;
    }
    const Eigen::VectorXd d = two_loops(pairs, now.grad);
    const int left = options.max_evaluations - r.evaluations;
    const WolfeStep step = wolfe_step(objective, now, d, pairs.empty() ? 1 / now.grad.norm() : 1.0, left, next);
    r.evaluations += step.evaluations;
    if (step.found == Found::nothing) {
      r.status = step.evaluations >= left ? LbfgsStatus::max_evaluations : LbfgsStatus::line_search_failed;
      break;
    }
    const Eigen::VectorXd s = next.x - now.x, y = next.grad - now.grad;
    if (good(s, y)) {
      pairs.push_back({s, y, s.dot(y)});
      if (int(pairs.size()) > options.history) pairs.pop_front();
    }
    std::swap(now, next);
    ++r.iterations;
  }
  x = now.x;
  return r;
}

}  // namespace second_order::lbfgs
