#include "batchnorm/backward/backward.hpp"

#include <kata/not_implemented.hpp>

namespace batchnorm::backward {

// dx, dgamma and dbeta from dy and what the forward pass cached: x_hat and 1 / sqrt(var + eps).
// The statement is in README.md; the contract is above the declaration in backward.hpp.
void batchnorm_backward(kata::In<kata::Matrixf> dy, kata::In<kata::Matrixf> x_hat,
                        kata::In<kata::Vectorf> gamma, kata::In<kata::Vectorf> inv_std,
                        kata::Out<kata::Matrixf> dx, kata::Out<kata::Vectorf> dgamma,
                        kata::Out<kata::Vectorf> dbeta) {
  (void)dy, (void)x_hat, (void)gamma, (void)inv_std, (void)dx, (void)dgamma, (void)dbeta;
  throw kata::not_implemented();
}

}  // namespace batchnorm::backward
