// The reference: one pass over the five arrays, 28 bytes a parameter, nothing in between.
//
// With
//     m_hat / (sqrt(v_hat) + eps)
//         = (m / (1 - beta1^t)) / (sqrt(v) / sqrt(1 - beta2^t) + eps)
// both corrections are constants of the step, and eps stays outside of the root, uncorrected. What
// can cancel (1 - beta, 1 - beta^t) is computed in double, the rest of the loop in float: one root
// and one division an entry, in vector registers.
#include "optimizers/adam/adam.hpp"

#include <cmath>
#include <stdexcept>
#include <string>

namespace optimizers::adam {
namespace {

using Eigen::Index;

// Messages are put together only when they are needed: at n = 10 000, nine strings a call would
// cost a fifth of the step (measured).
void require(bool holds, const char* message) {
  if (!holds) throw std::invalid_argument(message);
}

void require_size(const char* name, Index size, Index expected) {
  if (size != expected)
    throw std::invalid_argument(std::string(name) + " has " + std::to_string(size) +
                                " entries, theta has " + std::to_string(expected));
}

void check(Index n, Index grad_size, const AdamState& state, const AdamOptions& options) {
  require_size("grad", grad_size, n);
  require_size("m", state.m.size(), n);
  require_size("v", state.v.size(), n);
  require_size("v_max", state.v_max.size(), n);
  // In the positive form, which a NaN does not satisfy.
  require(options.lr >= 0, "lr is not >= 0");
  require(options.beta1 >= 0 && options.beta1 < 1, "beta1 is not in [0, 1)");
  require(options.beta2 >= 0 && options.beta2 < 1, "beta2 is not in [0, 1)");
  require(options.eps >= 0, "eps is not >= 0");
  require(options.weight_decay >= 0, "weight_decay is not >= 0");
}

/// The constants of one step.
struct Constants {
  float beta1, rest1, beta2, rest2, decay, rate, root_scale, eps;

  Constants(const AdamOptions& o, std::int64_t t) {
    const double correction1 = 1 - std::pow(o.beta1, static_cast<double>(t));
    const double correction2 = 1 - std::pow(o.beta2, static_cast<double>(t));
    beta1 = static_cast<float>(o.beta1), rest1 = static_cast<float>(1 - o.beta1);
    beta2 = static_cast<float>(o.beta2), rest2 = static_cast<float>(1 - o.beta2);
    decay = static_cast<float>(o.weight_decay), eps = static_cast<float>(o.eps);
    rate = static_cast<float>(o.lr / correction1);
    root_scale = static_cast<float>(1 / std::sqrt(correction2));
  }
};

// The arrays do not overlap: without __restrict the compiler checks that before it vectorises.
template <bool kDecay, bool kAmsgrad>
void update(float* __restrict theta, const float* __restrict grad, float* __restrict m_at,
            float* __restrict v_at, float* __restrict v_max_at, Index n, const Constants c) {
  for (Index i = 0; i < n; ++i) {
    const float g = kDecay ? grad[i] + c.decay * theta[i] : grad[i];
    const float m = c.beta1 * m_at[i] + c.rest1 * g;
    const float v = c.beta2 * v_at[i] + c.rest2 * g * g;
    float divisor = v;
    if constexpr (kAmsgrad) {
      const float largest = v_max_at[i];
      divisor = largest < v ? v : largest;
      v_max_at[i] = divisor;
    }
    m_at[i] = m;
    v_at[i] = v;
    theta[i] -= c.rate * m / (std::sqrt(divisor) * c.root_scale + c.eps);
  }
}

}  // namespace

void adam_step(kata::Out<kata::Vectorf> theta, kata::In<kata::Vectorf> grad, AdamState& state,
               const AdamOptions& options) {
  const Index n = theta.size();
  check(n, grad.size(), state, options);

  const Constants c(options, ++state.t);
  const bool decay = options.weight_decay != 0;
  const auto step = options.amsgrad ? (decay ? update<true, true> : update<false, true>)
                                    : (decay ? update<true, false> : update<false, false>);
  step(theta.data(), grad.data(), state.m.data(), state.v.data(), state.v_max.data(), n, c);
}

}  // namespace optimizers::adam
