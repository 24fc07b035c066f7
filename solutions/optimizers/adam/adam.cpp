// The reference: one pass over the five arrays, 28 bytes a parameter, nothing in between.
//
// The packets are Eigen's, so that this runs at full width on any machine and with any flags. A
// plain loop does the same only under -fno-math-errno: otherwise std::sqrt has to set errno, and
// one such call keeps the whole loop scalar.
//
// The options are used as float only after everything that cancels (1 - beta, 1 - beta^t) has been
// computed in double. With
//     m_hat / (sqrt(v_hat) + eps)
//         = (m / (1 - beta1^t)) / (sqrt(v) / sqrt(1 - beta2^t) + eps)
// both corrections are constants of the step, and eps stays outside of the root, uncorrected.
#include "optimizers/adam/adam.hpp"

#include <cmath>
#include <stdexcept>
#include <string>

namespace optimizers::adam {
namespace {

using Eigen::Index;

void require(bool holds, const std::string& message) {
  if (!holds) throw std::invalid_argument(message);
}

void require_size(const char* name, Index size, Index expected) {
  require(size == expected, std::string(name) + " has " + std::to_string(size) +
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

using Packet = Eigen::internal::packet_traits<float>::type;
constexpr Index kWidth = Eigen::internal::packet_traits<float>::size;

/// The constants of one step. Double until nothing can cancel any more.
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

struct Pointers {
  float *theta, *m, *v, *v_max;
  const float* grad;
};

/// Moves entry i, or with T = Packet the kWidth entries from i on.
template <bool kDecay, bool kAmsgrad, class T>
void update(const Pointers& at, Index i, const Constants& c) {
  using namespace Eigen::internal;  // the packet functions, which also take single floats
  const T theta = ploadu<T>(at.theta + i);
  T grad = ploadu<T>(at.grad + i);
  if constexpr (kDecay) grad = padd(grad, pmul(pset1<T>(c.decay), theta));

  const T m = padd(pmul(pset1<T>(c.beta1), ploadu<T>(at.m + i)), pmul(pset1<T>(c.rest1), grad));
  const T v =
      padd(pmul(pset1<T>(c.beta2), ploadu<T>(at.v + i)), pmul(pset1<T>(c.rest2), pmul(grad, grad)));
  T divisor = v;
  if constexpr (kAmsgrad) {
    divisor = pmax(ploadu<T>(at.v_max + i), v);
    pstoreu(at.v_max + i, divisor);
  }
  pstoreu(at.m + i, m);
  pstoreu(at.v + i, v);
  const T root = padd(pmul(psqrt(divisor), pset1<T>(c.root_scale)), pset1<T>(c.eps));
  pstoreu(at.theta + i, psub(theta, pdiv(pmul(pset1<T>(c.rate), m), root)));
}

template <bool kDecay, bool kAmsgrad>
void update_all(const Pointers& at, Index n, const Constants& c) {
  Index i = 0;
  for (; i + kWidth <= n; i += kWidth) update<kDecay, kAmsgrad, Packet>(at, i, c);
  for (; i < n; ++i) update<kDecay, kAmsgrad, float>(at, i, c);
}

}  // namespace

void adam_step(kata::Out<kata::Vectorf> theta, kata::In<kata::Vectorf> grad, AdamState& state,
               const AdamOptions& options) {
  check(theta.size(), grad.size(), state, options);

  const Constants c(options, ++state.t);
  const Pointers at{theta.data(), state.m.data(), state.v.data(), state.v_max.data(), grad.data()};
  const bool decay = options.weight_decay != 0;
  if (decay && options.amsgrad)
    update_all<true, true>(at, theta.size(), c);
  else if (decay)
    update_all<true, false>(at, theta.size(), c);
  else if (options.amsgrad)
    update_all<false, true>(at, theta.size(), c);
  else
    update_all<false, false>(at, theta.size(), c);
}

}  // namespace optimizers::adam
