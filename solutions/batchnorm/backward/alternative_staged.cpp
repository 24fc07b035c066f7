// Backwards through the graph of the forward pass, one node at a time: the article's program, its
// two syntax errors repaired and x - mean and the standard deviation taken from the cache that is
// here.
#include <stdexcept>
#include <string>

#include "batchnorm/backward/backward.hpp"

namespace batchnorm::backward {
namespace {

using Rows = Eigen::Array<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Row = Eigen::Array<float, 1, Eigen::Dynamic>;

void check(bool fits, const std::string& argument) {
  if (!fits) throw std::invalid_argument("shape of " + argument + " does not match the batch");
}

}  // namespace

void batchnorm_backward(kata::In<kata::Matrixf> dy, kata::In<kata::Matrixf> x_hat,
                        kata::In<kata::Vectorf> gamma, kata::In<kata::Vectorf> inv_std,
                        kata::Out<kata::Matrixf> dx, kata::Out<kata::Vectorf> dgamma,
                        kata::Out<kata::Vectorf> dbeta) {
  const auto rows = dy.rows(), cols = dy.cols();
  const auto m = static_cast<float>(rows);
  check(rows >= 1, "dy");
  check(x_hat.rows() == rows && x_hat.cols() == cols, "x_hat");
  check(gamma.size() == cols, "gamma");
  check(inv_std.size() == cols, "inv_std");
  check(dx.rows() == rows && dx.cols() == cols, "dx");
  check(dgamma.size() == cols, "dgamma");
  check(dbeta.size() == cols, "dbeta");

  const Row ivar = inv_std.transpose();
  const Row std_dev = ivar.inverse();
  const Rows xmu = x_hat.array().rowwise() * std_dev;

  // y = gamma * x_hat + beta
  dbeta = dy.colwise().sum().transpose();
  dgamma = (dy.array() * x_hat.array()).colwise().sum().matrix().transpose();
  const Row g = gamma.transpose();
  const Rows dxhat = dy.array().rowwise() * g;

  // x_hat = xmu * ivar
  const Row divar = (dxhat * xmu).colwise().sum();
  const Rows dxmu1 = dxhat.rowwise() * ivar;

  // ivar = 1 / std_dev, std_dev = sqrt(var + eps)
  const Row dstd = -ivar.square() * divar;
  const Row dvar = 0.5f * ivar * dstd;

  // var = mean of xmu^2
  const Rows dxmu2 = xmu.rowwise() * (2 / m * dvar);

  // xmu = x - mu, where mu = mean of x
  const Rows dx1 = dxmu1 + dxmu2;
  const Row dmu = -dx1.colwise().sum();
  dx = (dx1.rowwise() + dmu / m).matrix();
}

}  // namespace batchnorm::backward
