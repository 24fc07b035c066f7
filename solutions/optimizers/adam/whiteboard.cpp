// What fits on a whiteboard in a quarter of an hour: Algorithm 1, one coordinate after the other.
#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "optimizers/adam/adam.hpp"

namespace optimizers::adam {
namespace {

void require(bool holds, const char* message) {
  if (!holds) throw std::invalid_argument(message);
}

}  // namespace

void adam_step(kata::Out<kata::Vectorf> theta, kata::In<kata::Vectorf> grad, AdamState& state,
               const AdamOptions& options) {
  const auto& [lr, beta1, beta2, eps, weight_decay, amsgrad] = options;
  const Eigen::Index n = theta.size();
  require(grad.size() == n, "grad does not have the size of theta");
  require(state.m.size() == n, "m does not have the size of theta");
  require(state.v.size() == n, "v does not have the size of theta");
  require(state.v_max.size() == n, "v_max does not have the size of theta");
  require(lr >= 0, "lr is not >= 0");
  require(beta1 >= 0 && beta1 < 1, "beta1 is not in [0, 1)");
  require(beta2 >= 0 && beta2 < 1, "beta2 is not in [0, 1)");
  require(eps >= 0, "eps is not >= 0");
  require(weight_decay >= 0, "weight_decay is not >= 0");

  state.t += 1;
  const double correction1 = 1 - std::pow(beta1, static_cast<double>(state.t));
  const double correction2 = 1 - std::pow(beta2, static_cast<double>(state.t));

  for (Eigen::Index i = 0; i < n; ++i) {
    const double g = grad[i] + weight_decay * theta[i];
    const double m = beta1 * state.m[i] + (1 - beta1) * g;
    const double v = beta2 * state.v[i] + (1 - beta2) * g * g;
    state.m[i] = static_cast<float>(m);
    state.v[i] = static_cast<float>(v);

    double divisor = v;
    if (amsgrad) {
      state.v_max[i] = std::max(state.v_max[i], state.v[i]);
      divisor = state.v_max[i];
    }
    const double m_hat = m / correction1;
    const double v_hat = divisor / correction2;
    theta[i] -= static_cast<float>(lr * m_hat / (std::sqrt(v_hat) + eps));
  }
}

}  // namespace optimizers::adam
