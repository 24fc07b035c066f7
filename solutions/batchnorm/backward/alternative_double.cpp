// Sums in double, and the closed form with 1/m in front of the bracket: gamma inv_std / m *
// (m dy - sum - x_hat sum). More exact than is asked.
#include <stdexcept>
#include <vector>

#include "batchnorm/backward/backward.hpp"

namespace batchnorm::backward {

void batchnorm_backward(kata::In<kata::Matrixf> dy, kata::In<kata::Matrixf> x_hat,
                        kata::In<kata::Vectorf> gamma, kata::In<kata::Vectorf> inv_std,
                        kata::Out<kata::Matrixf> dx, kata::Out<kata::Vectorf> dgamma,
                        kata::Out<kata::Vectorf> dbeta) {
  const auto n = dy.rows(), d = dy.cols();
  if (n < 1) throw std::invalid_argument("dy must not be empty");
  if (x_hat.rows() != n || x_hat.cols() != d) throw std::invalid_argument("bad shape: x_hat");
  if (gamma.rows() != d) throw std::invalid_argument("bad shape: gamma");
  if (inv_std.rows() != d) throw std::invalid_argument("bad shape: inv_std");
  if (dx.rows() != n || dx.cols() != d) throw std::invalid_argument("bad shape: dx");
  if (dgamma.rows() != d) throw std::invalid_argument("bad shape: dgamma");
  if (dbeta.rows() != d) throw std::invalid_argument("bad shape: dbeta");

  std::vector<double> sum(static_cast<std::size_t>(d)), weighted(static_cast<std::size_t>(d));
  for (kata::Index i = 0; i < n; ++i) {
    for (kata::Index j = 0; j < d; ++j) {
      const auto at = static_cast<std::size_t>(j);
      const double g = dy(i, j);
      sum[at] += g;
      weighted[at] += g * static_cast<double>(x_hat(i, j));
    }
  }
  const auto m = static_cast<double>(n);
  for (kata::Index j = 0; j < d; ++j) {
    const auto at = static_cast<std::size_t>(j);
    dbeta(j) = static_cast<float>(sum[at]);
    dgamma(j) = static_cast<float>(weighted[at]);
    const double scale = static_cast<double>(gamma(j)) * static_cast<double>(inv_std(j)) / m;
    for (kata::Index i = 0; i < n; ++i)
      dx(i, j) = static_cast<float>(scale * (m * static_cast<double>(dy(i, j)) - sum[at] -
                                             static_cast<double>(x_hat(i, j)) * weighted[at]));
  }
}

}  // namespace batchnorm::backward
