// Batch normalisation of the columns of an N x D matrix, by definition: what the BatchNorm
// exercises compare with. Plain loops in the order of the chain rule, in long double (or in double
// where thousands of rows are checked many times over). No solution was in sight, and none may
// include it.
#pragma once

#include <Eigen/Core>
#include <cmath>

namespace oracle::batchnorm {

template <class Real>
using Matrix = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class Real>
using Vector = Eigen::Matrix<Real, Eigen::Dynamic, 1>;

/// Mean and biased variance (divided by N) of each column, in two passes.
template <class Real>
struct Statistics {
  Vector<Real> mean, variance;
};

template <class Real>
Statistics<Real> statistics(const Matrix<Real>& x) {
  const auto m = static_cast<Real>(x.rows());
  Statistics<Real> s{Vector<Real>::Zero(x.cols()), Vector<Real>::Zero(x.cols())};
  for (Eigen::Index i = 0; i < x.rows(); ++i) s.mean += x.row(i).transpose();
  s.mean /= m;
  for (Eigen::Index i = 0; i < x.rows(); ++i)
    s.variance += (x.row(i).transpose() - s.mean).array().square().matrix();
  s.variance /= m;
  return s;
}

/// y = gamma * x_hat + beta in training mode, and what a backward pass may want to keep.
template <class Real>
struct Forward {
  Matrix<Real> y, x_hat;
  Vector<Real> mean, variance, inv_std;
};

template <class Real>
Forward<Real> forward(const Matrix<Real>& x, const Vector<Real>& gamma, const Vector<Real>& beta,
                      Real eps) {
  const Statistics<Real> s = statistics(x);
  Forward<Real> f{Matrix<Real>(x.rows(), x.cols()), Matrix<Real>(x.rows(), x.cols()), s.mean,
                  s.variance, Vector<Real>(x.cols())};
  for (Eigen::Index j = 0; j < x.cols(); ++j) f.inv_std(j) = 1 / std::sqrt(s.variance(j) + eps);
  for (Eigen::Index i = 0; i < x.rows(); ++i) {
    for (Eigen::Index j = 0; j < x.cols(); ++j) {
      f.x_hat(i, j) = (x(i, j) - s.mean(j)) * f.inv_std(j);
      f.y(i, j) = gamma(j) * f.x_hat(i, j) + beta(j);
    }
  }
  return f;
}

template <class Real>
struct Backward {
  Matrix<Real> dx;
  Vector<Real> dgamma, dbeta;
};

/// The gradients at x itself (not at a rounded cache) of L with dL/dy = dy: the chain rule of the
/// graph x -> mean, variance -> x_hat -> y, edge by edge, every edge of it.
template <class Real>
Backward<Real> backward(const Matrix<Real>& dy, const Matrix<Real>& x, const Vector<Real>& gamma,
                        Real eps) {
  const Eigen::Index rows = x.rows(), cols = x.cols();
  const auto m = static_cast<Real>(rows);
  const Statistics<Real> s = statistics(x);
  const auto zero = [&] { return Vector<Real>(Vector<Real>::Zero(cols)); };
  Backward<Real> b{Matrix<Real>(rows, cols), zero(), zero()};
  Vector<Real> dl_dvariance = zero(), dl_dmean = zero(), sum_centred = zero(), inv_std(cols);
  for (Eigen::Index j = 0; j < cols; ++j) inv_std(j) = 1 / std::sqrt(s.variance(j) + eps);

  for (Eigen::Index i = 0; i < rows; ++i) {
    for (Eigen::Index j = 0; j < cols; ++j) {
      const Real centred = x(i, j) - s.mean(j);
      const Real dl_dx_hat = dy(i, j) * gamma(j);
      b.dgamma(j) += dy(i, j) * centred * inv_std(j);
      b.dbeta(j) += dy(i, j);
      // x_hat = (x - mean) * (variance + eps)^(-1/2)
      dl_dvariance(j) += dl_dx_hat * centred * (-inv_std(j) * inv_std(j) * inv_std(j) / 2);
      dl_dmean(j) += dl_dx_hat * -inv_std(j);
      sum_centred(j) += centred;
    }
  }
  // variance = mean of (x - mean)^2 depends on the mean as well; this sum is zero up to rounding.
  for (Eigen::Index j = 0; j < cols; ++j)
    dl_dmean(j) += dl_dvariance(j) * (-2 * sum_centred(j) / m);

  for (Eigen::Index i = 0; i < rows; ++i)
    for (Eigen::Index j = 0; j < cols; ++j)
      b.dx(i, j) = dy(i, j) * gamma(j) * inv_std(j) +
                   dl_dvariance(j) * 2 * (x(i, j) - s.mean(j)) / m + dl_dmean(j) / m;
  return b;
}

}  // namespace oracle::batchnorm
