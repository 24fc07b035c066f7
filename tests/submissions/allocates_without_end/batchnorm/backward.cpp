#include <list>

#include "batchnorm/backward/backward.hpp"

namespace batchnorm::backward {

void batchnorm_backward(kata::In<kata::Matrixf> dy, kata::In<kata::Matrixf> x_hat,
                        kata::In<kata::Vectorf> gamma, kata::In<kata::Vectorf> inv_std,
                        kata::Out<kata::Matrixf> dx, kata::Out<kata::Vectorf> dgamma,
                        kata::Out<kata::Vectorf> dbeta) {
  std::list<Eigen::MatrixXf> history;
  float sum = 0;
  for (;;) {  // keeps every intermediate, for ever
    history.emplace_back(4096, 4096);
    history.back().topLeftCorner(1, 1).setConstant(dy(0, 0) * x_hat(0, 0) * gamma(0) * inv_std(0));
    sum += history.back()(0, 0);
    if (history.size() > 1000000) break;
  }
  dx.setConstant(sum);
  dgamma.setZero();
  dbeta.setZero();
}

}  // namespace batchnorm::backward
