#include "optimizers/adam/adam.hpp"

namespace optimizers::adam {

void adam_step(kata::Out<kata::Vectorf> theta, kata::In<kata::Vectorf> grad, AdamState& state,
               const AdamOptions& options) {
  state.t += 1
  state.m = options.beta1 * state.m + (1 - options.beta1) * grad;
  state.v = options.beta2 * state.v + (1 - options.beta2) * grad ** 2;
}

}  // namespace optimizers::adam
