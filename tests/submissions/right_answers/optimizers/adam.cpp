#include "optimizers/adam/adam.hpp"

#include <cmath>
#include <stdexcept>

namespace optimizers::adam {

static void check(bool ok, const char* what) {
  if (!ok) throw std::invalid_argument(what);
}

void adam_step(kata::Out<kata::Vectorf> theta, kata::In<kata::Vectorf> grad, AdamState& state,
               const AdamOptions& options) {
  const long n = theta.size();
  check(grad.size() == n, "grad: wrong size");
  check(state.m.size() == n, "m: wrong size");
  check(state.v.size() == n, "v: wrong size");
  check(state.v_max.size() == n, "v_max: wrong size");
  check(options.lr >= 0, "lr must not be negative");
  check(options.beta1 >= 0 && options.beta1 < 1, "beta1 must be in [0, 1)");
  check(options.beta2 >= 0 && options.beta2 < 1, "beta2 must be in [0, 1)");
  check(options.eps >= 0, "eps must not be negative");
  check(options.weight_decay >= 0, "weight_decay must not be negative");

  state.t += 1;
  const double c1 = 1 - std::pow(options.beta1, state.t);
  const double c2 = 1 - std::pow(options.beta2, state.t);
  for (long i = 0; i < n; ++i) {
    // everything in double, only stored as float
    const double g = grad(i) + options.weight_decay * theta(i);
    const double m = options.beta1 * state.m(i) + (1 - options.beta1) * g;
    const double v = options.beta2 * state.v(i) + (1 - options.beta2) * g * g;
    state.m(i) = static_cast<float>(m);
    state.v(i) = static_cast<float>(v);
    double used = v;
    if (options.amsgrad) {
      used = std::fmax(state.v_max(i), v);
      state.v_max(i) = static_cast<float>(used);
    }
    theta(i) = static_cast<float>(theta(i) - options.lr * (m / c1) / (std::sqrt(used / c2) + options.eps));
  }
}

}  // namespace optimizers::adam
