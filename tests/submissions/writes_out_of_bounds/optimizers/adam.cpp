#include "optimizers/adam/adam.hpp"

#include <cmath>
#include <vector>

namespace optimizers::adam {

void adam_step(kata::Out<kata::Vectorf> theta, kata::In<kata::Vectorf> grad, AdamState& state,
               const AdamOptions& options) {
  const int n = static_cast<int>(theta.size());
  std::vector<float> step(static_cast<std::size_t>(n));
  float* out = step.data();
  for (int i = 0; i <= 100000 * n; ++i) {  // far too far
    out[i] = static_cast<float>(options.lr) * grad.data()[i % n];
  }
  for (int i = 0; i < n; ++i) theta(i) -= out[i];
  ++state.t;
}

}  // namespace optimizers::adam
