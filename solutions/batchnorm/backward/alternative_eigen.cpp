// The closed form in Eigen's own words: two reductions over the rows, one broadcast expression.
#include <stdexcept>
#include <string>

#include "batchnorm/backward/backward.hpp"

namespace batchnorm::backward {
namespace {

template <class Array>
void same_shape(const char* name, const Array& a, kata::Index rows, kata::Index cols) {
  if (a.rows() != rows || a.cols() != cols)
    throw std::invalid_argument(std::string(name) + ": expected " + std::to_string(rows) + " x " +
                                std::to_string(cols) + ", got " + std::to_string(a.rows()) + " x " +
                                std::to_string(a.cols()));
}

}  // namespace

void batchnorm_backward(kata::In<kata::Matrixf> dy, kata::In<kata::Matrixf> x_hat,
                        kata::In<kata::Vectorf> gamma, kata::In<kata::Vectorf> inv_std,
                        kata::Out<kata::Matrixf> dx, kata::Out<kata::Vectorf> dgamma,
                        kata::Out<kata::Vectorf> dbeta) {
  const kata::Index n = dy.rows(), d = dy.cols();
  if (n == 0) throw std::invalid_argument("dy: a batch has at least one row");
  same_shape("x_hat", x_hat, n, d);
  same_shape("gamma", gamma, d, 1);
  same_shape("inv_std", inv_std, d, 1);
  same_shape("dx", dx, n, d);
  same_shape("dgamma", dgamma, d, 1);
  same_shape("dbeta", dbeta, d, 1);

  dbeta = dy.colwise().sum().transpose();
  dgamma = dy.cwiseProduct(x_hat).colwise().sum().transpose();
  const Eigen::RowVectorXf scale = gamma.cwiseProduct(inv_std).transpose();
  const Eigen::RowVectorXf mean_dy = dbeta.transpose() / static_cast<float>(n);
  const Eigen::RowVectorXf mean_dy_x_hat = dgamma.transpose() / static_cast<float>(n);
  dx.array() = (dy.rowwise() - mean_dy - (x_hat.array().rowwise() * mean_dy_x_hat.array()).matrix())
                   .array()
                   .rowwise() *
               scale.array();
}

}  // namespace batchnorm::backward
