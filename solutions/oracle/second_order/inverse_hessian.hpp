// The inverse update of BFGS by its definition: dense matrices, in long double.
#pragma once

#include <Eigen/Core>
#include <utility>
#include <vector>

namespace oracle::second_order {

using MatrixXl = Eigen::Matrix<long double, Eigen::Dynamic, Eigen::Dynamic>;
using VectorXl = Eigen::Matrix<long double, Eigen::Dynamic, 1>;

struct Pair {
  Eigen::VectorXd s, y;
};

/// (I - rho s y^T) H (I - rho y s^T) + rho s s^T with rho = 1 / s.y.
inline MatrixXl bfgs_update(const MatrixXl& h, const Pair& pair) {
  const VectorXl s = pair.s.cast<long double>();
  const VectorXl y = pair.y.cast<long double>();
  const long double rho = 1 / s.dot(y);
  const MatrixXl left = MatrixXl::Identity(h.rows(), h.cols()) - rho * s * y.transpose();
  return left * h * left.transpose() + rho * s * s.transpose();
}

/// Whether s.y > threshold |s| |y|; not so if there is a NaN among them.
inline bool usable(const Pair& pair, double threshold) {
  const VectorXl s = pair.s.cast<long double>();
  const VectorXl y = pair.y.cast<long double>();
  return s.dot(y) > static_cast<long double>(threshold) * s.norm() * y.norm();
}

/// The H of L-BFGS from pairs, the oldest first: the usable ones among them, applied to gamma I
/// with the gamma of the newest.
inline MatrixXl lbfgs_inverse_hessian(Eigen::Index n, const std::vector<Pair>& pairs,
                                      double threshold) {
  MatrixXl h = MatrixXl::Identity(n, n);
  for (const Pair& pair : pairs) {
    const VectorXl s = pair.s.cast<long double>(), y = pair.y.cast<long double>();
    if (usable(pair, threshold)) h = MatrixXl::Identity(n, n) * (s.dot(y) / y.dot(y));
  }
  for (const Pair& pair : pairs)
    if (usable(pair, threshold)) h = bfgs_update(h, pair);
  return h;
}

}  // namespace oracle::second_order
