#include "batchnorm/backward/backward.hpp"

#include <stdexcept>
#include <string>

namespace batchnorm::backward {

void batchnorm_backward(kata::In<kata::Matrixf> dy, kata::In<kata::Matrixf> x_hat,
                        kata::In<kata::Vectorf> gamma, kata::In<kata::Vectorf> inv_std,
                        kata::Out<kata::Matrixf> dx, kata::Out<kata::Vectorf> dgamma,
                        kata::Out<kata::Vectorf> dbeta) {
  const auto N = dy.rows(), D = dy.cols();
  if (N == 0) throw std::invalid_argument("dy is empty");
  if (x_hat.rows() != N || x_hat.cols() != D) throw std::invalid_argument("x_hat: shape differs from dy");
  if (gamma.size() != D) throw std::invalid_argument("gamma: needs one entry per feature");
  if (inv_std.size() != D) throw std::invalid_argument("inv_std: needs one entry per feature");
  if (dx.rows() != N || dx.cols() != D) throw std::invalid_argument("dx: shape differs from dy");
  if (dgamma.size() != D) throw std::invalid_argument("dgamma: needs one entry per feature");
  if (dbeta.size() != D) throw std::invalid_argument("dbeta: needs one entry per feature");

  for (Eigen::Index j = 0; j < D; ++j) {
    double sum_dy = 0, sum_dy_xhat = 0;
    for (Eigen::Index i = 0; i < N; ++i) {
      sum_dy += dy(i, j);
      sum_dy_xhat += double(dy(i, j)) * x_hat(i, j);
    }
    dbeta(j) = float(sum_dy);
    dgamma(j) = float(sum_dy_xhat);
    const double k = double(gamma(j)) * inv_std(j);
    for (Eigen::Index i = 0; i < N; ++i)
      dx(i, j) = float(k * (dy(i, j) - sum_dy / double(N) - x_hat(i, j) * sum_dy_xhat / double(N)));
  }
}

}  // namespace batchnorm::backward
