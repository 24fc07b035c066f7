// Float throughout, and every average as a move towards its target, m += (1 - beta1)(g - m), the
// way newer PyTorch versions call lerp. The corrected moments are formed one by one, as in the
// paper.
#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "optimizers/adam/adam.hpp"

namespace optimizers::adam {
namespace {

bool is_decay_rate(double beta) {
  return beta >= 0 && beta < 1;
}

const char* broken(Eigen::Index n, Eigen::Index grad_size, const AdamState& state,
                   const AdamOptions& o) {
  if (grad_size != n) return "size of grad";
  if (state.m.size() != n) return "size of m";
  if (state.v.size() != n) return "size of v";
  if (state.v_max.size() != n) return "size of v_max";
  if (!(o.lr >= 0)) return "negative lr";
  if (!is_decay_rate(o.beta1)) return "beta1 outside [0, 1)";
  if (!is_decay_rate(o.beta2)) return "beta2 outside [0, 1)";
  if (!(o.eps >= 0)) return "negative eps";
  if (!(o.weight_decay >= 0)) return "negative weight_decay";
  return nullptr;
}

float one_minus_power(double beta, std::int64_t t) {
  return static_cast<float>(1 - std::pow(beta, static_cast<double>(t)));
}

}  // namespace

void adam_step(kata::Out<kata::Vectorf> theta, kata::In<kata::Vectorf> grad, AdamState& state,
               const AdamOptions& options) {
  if (const char* what = broken(theta.size(), grad.size(), state, options))
    throw std::invalid_argument(what);

  state.t++;
  const float correction1 = one_minus_power(options.beta1, state.t);
  const float correction2 = one_minus_power(options.beta2, state.t);
  const auto weight1 = static_cast<float>(1 - options.beta1);
  const auto weight2 = static_cast<float>(1 - options.beta2);
  const auto lr = static_cast<float>(options.lr), eps = static_cast<float>(options.eps);
  const auto decay = static_cast<float>(options.weight_decay);

  for (Eigen::Index i = 0; i < theta.size(); ++i) {
    float &m = state.m[i], &v = state.v[i], &v_max = state.v_max[i];
    const float g = grad[i] + decay * theta[i];
    m += weight1 * (g - m);
    v += weight2 * (g * g - v);
    if (options.amsgrad) v_max = std::max(v_max, v);
    const float m_hat = m / correction1;
    const float v_hat = (options.amsgrad ? v_max : v) / correction2;
    theta[i] -= lr * m_hat / (std::sqrt(v_hat) + eps);
  }
}

}  // namespace optimizers::adam
