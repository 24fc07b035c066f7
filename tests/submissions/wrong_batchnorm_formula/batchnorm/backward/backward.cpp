// The formula of question 7, as printed: the sample's own dy only, and a third term with
// d(var)/d(mu) * d(mu)/dx, which is sum(x - mu) = 0.
#include "batchnorm/backward/backward.hpp"

#include <stdexcept>

namespace batchnorm::backward {

void batchnorm_backward(kata::In<kata::Matrixf> dy, kata::In<kata::Matrixf> x_hat,
                        kata::In<kata::Vectorf> gamma, kata::In<kata::Vectorf> inv_std,
                        kata::Out<kata::Matrixf> dx, kata::Out<kata::Vectorf> dgamma,
                        kata::Out<kata::Vectorf> dbeta) {
  const Eigen::Index m = dy.rows();
  const Eigen::Index d = dy.cols();
  if (m < 1) throw std::invalid_argument("dy has no rows");
  if (x_hat.rows() != m || x_hat.cols() != d) throw std::invalid_argument("x_hat has the wrong shape");
  if (gamma.size() != d) throw std::invalid_argument("gamma has the wrong size");
  if (inv_std.size() != d) throw std::invalid_argument("inv_std has the wrong size");
  if (dx.rows() != m || dx.cols() != d) throw std::invalid_argument("dx has the wrong shape");
  if (dgamma.size() != d) throw std::invalid_argument("dgamma has the wrong size");
  if (dbeta.size() != d) throw std::invalid_argument("dbeta has the wrong size");

  dbeta = dy.colwise().sum().transpose();
  dgamma = (dy.array() * x_hat.array()).colwise().sum().matrix().transpose();
  const Eigen::RowVectorXf scale = (gamma.array() * inv_std.array()).matrix().transpose();
  // dl/dxhat_i * dxhat_i/dx_i  +  dl/dxhat_i * dxhat_i/dmu * dmu/dx_i
  dx = (dy.array().rowwise() * scale.array()) * (1 - 1 / static_cast<float>(m));
}

}  // namespace batchnorm::backward
