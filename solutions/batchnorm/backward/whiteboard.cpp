// The closed form, one column at a time, as one would write it on a whiteboard.
#include <stdexcept>
#include <string>

#include "batchnorm/backward/backward.hpp"

namespace batchnorm::backward {
namespace {

void require(bool holds, const char* argument, const char* what) {
  if (!holds) throw std::invalid_argument(std::string(argument) + " " + what);
}

}  // namespace

void batchnorm_backward(kata::In<kata::Matrixf> dy, kata::In<kata::Matrixf> x_hat,
                        kata::In<kata::Vectorf> gamma, kata::In<kata::Vectorf> inv_std,
                        kata::Out<kata::Matrixf> dx, kata::Out<kata::Vectorf> dgamma,
                        kata::Out<kata::Vectorf> dbeta) {
  const kata::Index n = dy.rows(), d = dy.cols();
  require(n >= 1, "dy", "has no rows");
  require(x_hat.rows() == n && x_hat.cols() == d, "x_hat", "has not the shape of the gradient");
  require(dx.rows() == n && dx.cols() == d, "dx", "has not the shape of the gradient");
  require(gamma.size() == d, "gamma", "has not one entry a column");
  require(inv_std.size() == d, "inv_std", "has not one entry a column");
  require(dgamma.size() == d, "dgamma", "has not one entry a column");
  require(dbeta.size() == d, "dbeta", "has not one entry a column");

  for (kata::Index j = 0; j < d; ++j) {
    float sum_dy = 0, sum_dy_x_hat = 0;
    for (kata::Index i = 0; i < n; ++i) {
      sum_dy += dy(i, j);
      sum_dy_x_hat += dy(i, j) * x_hat(i, j);
    }
    dbeta(j) = sum_dy;
    dgamma(j) = sum_dy_x_hat;

    const auto m = static_cast<float>(n);
    const float scale = gamma(j) * inv_std(j);
    for (kata::Index i = 0; i < n; ++i)
      dx(i, j) = scale * (dy(i, j) - sum_dy / m - x_hat(i, j) * (sum_dy_x_hat / m));
  }
}

}  // namespace batchnorm::backward
