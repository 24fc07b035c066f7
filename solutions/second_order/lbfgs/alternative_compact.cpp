// Another honest way: the compact representation (R. H. Byrd, J. Nocedal, R. B. Schnabel,
// "Representations of Quasi-Newton Matrices and Their Use in Limited Memory Methods", Math.
// Programming 63 (1994), theorem 2.2). With the pairs as the columns of S and Y, R the upper
// triangle of S^T Y and D its diagonal,
//
//     H = gamma I + [S  gamma Y] [ R^-T (D + gamma Y^T Y) R^-1   -R^-T ] [   S^T   ]
//                                [          -R^-1                  0   ] [ gamma Y^T ]
//
// and a ring buffer of columns. A zoom of its own, by halving: slower, and just as right.
#include <Eigen/Dense>
#include <cmath>
#include <stdexcept>
#include <string>

#include "second_order/lbfgs/lbfgs.hpp"

namespace second_order::lbfgs {
namespace {

using kata::Index;
using kata::Vectord;
using Columns = Eigen::MatrixXd;

bool usable(const Vectord& s, const Vectord& y) {
  return s.dot(y) > kCurvatureThreshold * s.norm() * y.norm();
}

/// -H grad from the columns of s and y, the oldest first.
Vectord compact(const Vectord& grad, const Columns& s, const Columns& y) {
  const Index k = s.cols();
  if (k == 0) return -grad;
  const Columns sy = s.transpose() * y;
  const double gamma = sy(k - 1, k - 1) / y.col(k - 1).squaredNorm();
  const auto r = sy.triangularView<Eigen::Upper>();
  const Vectord p = r.solve(s.transpose() * grad);  // R^-1 S^T g
  const Vectord diagonal = sy.diagonal();
  Vectord t =
      diagonal.cwiseProduct(p) + gamma * (y.transpose() * (y * p)) - gamma * (y.transpose() * grad);
  t = r.transpose().solve(t);
  return -(gamma * grad + s * t - gamma * (y * p));
}

void check(bool holds, const std::string& what) {
  if (!holds) throw std::invalid_argument(what);
}

/// A ring of columns: `next` is where the oldest is once the ring is full.
class Ring {
 public:
  Ring(Index n, Index capacity) : s_(n, capacity), y_(n, capacity) {}
  void push(const Vectord& s, const Vectord& y) {
    s_.col(next_) = s;
    y_.col(next_) = y;
    next_ = (next_ + 1) % s_.cols();
    count_ = std::min(count_ + 1, s_.cols());
  }
  Index count() const { return count_; }
  Columns s() const { return ordered(s_); }
  Columns y() const { return ordered(y_); }

 private:
  Columns ordered(const Columns& ring) const {
    Columns out(ring.rows(), count_);
    const Index oldest = count_ < ring.cols() ? 0 : next_;
    for (Index i = 0; i < count_; ++i) out.col(i) = ring.col((oldest + i) % ring.cols());
    return out;
  }
  Columns s_, y_;
  Index next_ = 0, count_ = 0;
};

/// Counts, and says no when nothing is left.
struct Budget {
  const kata::Objective& objective;
  int left;
  bool evaluate(const Vectord& x, double& value, Vectord& grad) {
    if (left == 0) return false;
    --left;
    value = objective(x, grad);
    return true;
  }
};

/// Doubling until the interval holds a strong Wolfe point, then halving. Leaves x, value and grad
/// where they are, and returns false, if it finds none.
bool search(Budget& budget, Vectord& x, double& value, Vectord& grad, const Vectord& d,
            double trial) {
  const double slope = grad.dot(d);
  double low = 0, high = 0;  // 0: none yet
  Vectord new_grad(x.size());
  double new_value = 0;
  for (int i = 0; i < 60; ++i) {
    const Vectord new_x = x + trial * d;
    if (!budget.evaluate(new_x, new_value, new_grad)) return false;
    const double new_slope = new_grad.dot(d);
    if (!(new_value <= value + 1e-4 * trial * slope) || !std::isfinite(new_slope) ||
        new_slope > 0.9 * std::abs(slope)) {
      high = trial;
    } else if (new_slope < 0.9 * slope && !(high == 0 && trial >= 10)) {
      low = trial;  // too steep still; a step that went far is taken as it is
    } else {
      x = new_x;
      value = new_value;
      grad = new_grad;
      return true;
    }
    trial = high == 0 ? 2 * low : 0.5 * (low + high);
  }
  return false;
}

}  // namespace

void lbfgs_direction(kata::In<Vectord> grad, kata::In<kata::Matrixd> s, kata::In<kata::Matrixd> y,
                     kata::Out<Vectord> direction) {
  check(grad.size() >= 1, "grad: no entries");
  check(s.cols() == grad.size(), "s: one column an entry of the gradient");
  check(y.rows() == s.rows() && y.cols() == s.cols(), "y: not shaped like its partner");
  check(direction.size() == grad.size(), "direction: not sized like the gradient");
  Columns used_s(grad.size(), s.rows()), used_y(grad.size(), s.rows());
  Index k = 0;
  for (Index i = 0; i < s.rows(); ++i) {
    used_s.col(k) = s.row(i).transpose();
    used_y.col(k) = y.row(i).transpose();
    if (usable(used_s.col(k), used_y.col(k))) ++k;
  }
  direction = compact(grad, used_s.leftCols(k), used_y.leftCols(k));
}

LbfgsResult lbfgs_minimize(const kata::Objective& objective, kata::Out<Vectord> x,
                           const LbfgsOptions& options) {
  check(x.size() >= 1, "x: no entries");
  check(options.history >= 1, "history: below 1");
  check(options.grad_tolerance >= 0, "grad_tolerance: below 0");
  check(options.max_iterations >= 0, "max_iterations: below 0");
  check(options.max_evaluations >= 1, "max_evaluations: below 1");
  Budget budget{objective, options.max_evaluations};
  Vectord at = x, grad(x.size());
  double value = 0;
  budget.evaluate(at, value, grad);
  check(std::isfinite(value) && grad.allFinite(), "x: not a point where all is finite");

  Ring ring(x.size(), options.history);
  LbfgsResult result;
  while (true) {
    result.grad_norm = grad.cwiseAbs().maxCoeff();
    if (result.grad_norm <= options.grad_tolerance) {
      result.status = LbfgsStatus::converged;
      break;
    }
    if (result.iterations == options.max_iterations) {
      result.status = LbfgsStatus::max_iterations;
      break;
    }
    const Vectord old_x = at, old_grad = grad;
    const Vectord d = compact(grad, ring.s(), ring.y());
    if (!search(budget, at, value, grad, d, ring.count() == 0 ? 1 / grad.norm() : 1.0)) {
      result.status =
          budget.left == 0 ? LbfgsStatus::max_evaluations : LbfgsStatus::line_search_failed;
      break;
    }
    ++result.iterations;
    if (usable(at - old_x, grad - old_grad)) ring.push(at - old_x, grad - old_grad);
  }
  x = at;
  result.value = value;
  result.evaluations = options.max_evaluations - budget.left;
  return result;
}

}  // namespace second_order::lbfgs
