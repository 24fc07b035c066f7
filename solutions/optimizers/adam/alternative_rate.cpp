// The paper's remark after Algorithm 1: fold both corrections into the rate,
// alpha_t = alpha sqrt(1 - beta2^t) / (1 - beta1^t). Honest only if eps is scaled along: with plain
// eps it would be the paper's "eps-hat" form, another algorithm where gradients are tiny.
// The powers come from multiplication, all in double.
#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <utility>

#include "optimizers/adam/adam.hpp"

namespace optimizers::adam {
namespace {

double power(double base, std::int64_t exponent) {
  double result = 1;
  for (; exponent > 0; exponent /= 2, base *= base)
    if (exponent % 2 == 1) result *= base;
  return result;
}

void require_all(std::initializer_list<std::pair<const char*, bool>> facts) {
  for (const auto& [argument, holds] : facts)
    if (!holds) throw std::invalid_argument(std::string("adam_step: bad ") + argument);
}

}  // namespace

void adam_step(kata::Out<kata::Vectorf> theta, kata::In<kata::Vectorf> grad, AdamState& state,
               const AdamOptions& options) {
  const Eigen::Index n = theta.size();
  require_all({{"grad", grad.size() == n},
               {"m", state.m.size() == n},
               {"v", state.v.size() == n},
               {"v_max", state.v_max.size() == n},
               {"lr", options.lr >= 0},
               {"beta1", options.beta1 >= 0 && options.beta1 < 1},
               {"beta2", options.beta2 >= 0 && options.beta2 < 1},
               {"eps", options.eps >= 0},
               {"weight_decay", options.weight_decay >= 0}});

  state.t += 1;
  const double root = std::sqrt(1 - power(options.beta2, state.t));
  const double rate = options.lr * root / (1 - power(options.beta1, state.t));
  const double eps = options.eps * root;
  for (Eigen::Index i = 0; i < n; ++i) {
    const double g = grad[i] + options.weight_decay * theta[i];
    const double m = options.beta1 * state.m[i] + (1 - options.beta1) * g;
    const double v = options.beta2 * state.v[i] + (1 - options.beta2) * (g * g);
    const double largest = std::max(v, static_cast<double>(state.v_max[i]));
    state.m[i] = static_cast<float>(m);
    state.v[i] = static_cast<float>(v);
    if (options.amsgrad) state.v_max[i] = static_cast<float>(largest);
    const double divisor = std::sqrt(options.amsgrad ? largest : v) + eps;
    theta[i] = static_cast<float>(theta[i] - rate * m / divisor);
  }
}

}  // namespace optimizers::adam
