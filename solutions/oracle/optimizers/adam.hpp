// Adam by its definition, in long double: Algorithm 1 of arXiv:1412.6980 line by line, with an L2
// penalty in the gradient and AMSGrad's maximum over the uncorrected v (arXiv:1904.09237).
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "optimizers/adam/adam.hpp"

namespace oracle {

using Reals = std::vector<long double>;

struct AdamState {
  Reals m, v, v_max;
  std::int64_t t = 0;
};

inline void adam_step(Reals& theta, const Reals& grad, AdamState& state,
                      const optimizers::adam::AdamOptions& options) {
  const long double lr = options.lr, beta1 = options.beta1, beta2 = options.beta2;
  state.t += 1;
  const long double t = static_cast<long double>(state.t);
  const long double correction1 = 1 - std::pow(beta1, t);
  const long double correction2 = 1 - std::pow(beta2, t);
  for (std::size_t i = 0; i < theta.size(); ++i) {
    const long double g = grad[i] + options.weight_decay * theta[i];
    state.m[i] = beta1 * state.m[i] + (1 - beta1) * g;
    state.v[i] = beta2 * state.v[i] + (1 - beta2) * g * g;
    if (options.amsgrad) state.v_max[i] = std::max(state.v_max[i], state.v[i]);

    const long double divisor = options.amsgrad ? state.v_max[i] : state.v[i];
    const long double m_hat = state.m[i] / correction1;
    const long double v_hat = divisor / correction2;
    theta[i] -= lr * m_hat / (std::sqrt(v_hat) + options.eps);
  }
}

}  // namespace oracle
