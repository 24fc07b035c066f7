// What fits an interview: the two loops as they stand in the textbook, pairs as rows of two
// matrices that move up by one when they are full.
#include <cmath>
#include <stdexcept>
#include <string>
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

/// The positive form: false too if there is a NaN.
bool usable(In<Vectord> s, In<Vectord> y) {
  return s.dot(y) > kCurvatureThreshold * s.norm() * y.norm();
}

}  // namespace

void lbfgs_direction(In<Vectord> grad, In<Matrixd> s, In<Matrixd> y, Out<Vectord> direction) {
  const Index n = grad.size();
  require(n >= 1, "grad is empty");
  require(s.cols() == n, "s needs one column for each entry of grad");
  require(y.rows() == s.rows() && y.cols() == n, "y needs the shape of s");
  require(direction.size() == n, "direction needs the size of grad");

  std::vector<Index> used;  // rows, the oldest first
  for (Index i = 0; i < s.rows(); ++i)
    if (usable(s.row(i).transpose(), y.row(i).transpose())) used.push_back(i);

  Vectord q = grad;
  std::vector<double> alpha(used.size());
  for (std::size_t k = used.size(); k-- > 0;) {  // from the newest to the oldest
    const auto s_k = s.row(used[k]), y_k = y.row(used[k]);
    alpha[k] = s_k.dot(q) / s_k.dot(y_k);
    q -= alpha[k] * y_k.transpose();
  }
  if (!used.empty()) {
    const auto s_new = s.row(used.back()), y_new = y.row(used.back());
    q *= s_new.dot(y_new) / y_new.squaredNorm();
  }
  for (std::size_t k = 0; k < used.size(); ++k) {  // and back
    const auto s_k = s.row(used[k]), y_k = y.row(used[k]);
    const double beta = y_k.dot(q) / s_k.dot(y_k);
    q += (alpha[k] - beta) * s_k.transpose();
  }
  direction = -q;
}

LbfgsResult lbfgs_minimize(const kata::Objective& objective, Out<Vectord> x,
                           const LbfgsOptions& options) {
  require(x.size() >= 1, "x is empty");
  require(options.history >= 1, "history is less than 1");
  require(options.grad_tolerance >= 0, "grad_tolerance is not a number >= 0");
  require(options.max_iterations >= 0, "max_iterations is negative");
  require(options.max_evaluations >= 1, "max_evaluations is less than 1");

  Point here{x, 0, Vectord::Zero(x.size())};
  here.value = objective(here.x, here.grad);
  require(std::isfinite(here.value) && here.grad.allFinite(),
          "x: the objective or its gradient is not finite at the start");

  Point there = here;
  Matrixd s(options.history, x.size()), y(options.history, x.size());
  Index pairs = 0;
  Vectord direction(x.size());
  LbfgsResult result;
  result.evaluations = 1;
  for (;; ++result.iterations) {
    result.value = here.value;
    result.grad_norm = here.grad.cwiseAbs().maxCoeff();
    result.status = LbfgsStatus::converged;
    if (result.grad_norm <= options.grad_tolerance) break;
    result.status = LbfgsStatus::max_iterations;
    if (result.iterations == options.max_iterations) break;
    result.status = LbfgsStatus::max_evaluations;
    if (result.evaluations == options.max_evaluations) break;

    lbfgs_direction(here.grad, s.topRows(pairs), y.topRows(pairs), direction);
    const double first = pairs == 0 ? 1 / here.grad.norm() : 1;
    const int left = options.max_evaluations - result.evaluations;
    const WolfeStep step = wolfe_step(objective, here, direction, first, left, there);
    result.evaluations += step.evaluations;
    if (step.found == Found::nothing) {
      if (step.evaluations < left) result.status = LbfgsStatus::line_search_failed;
      break;
    }

    const Vectord s_new = there.x - here.x, y_new = there.grad - here.grad;
    if (usable(s_new, y_new)) {
      if (pairs == options.history) {  // the oldest leaves
        for (Index i = 1; i < pairs; ++i) {
          s.row(i - 1) = s.row(i);
          y.row(i - 1) = y.row(i);
        }
        --pairs;
      }
      s.row(pairs) = s_new.transpose();
      y.row(pairs) = y_new.transpose();
      ++pairs;
    }
    std::swap(here, there);
  }
  x = here.x;
  return result;
}

}  // namespace second_order::lbfgs
