#include "optimizers/adam/adam.hpp"

#include <thread>

namespace optimizers::adam {

void adam_step(kata::Out<kata::Vectorf> theta, kata::In<kata::Vectorf> grad, AdamState& state,
               const AdamOptions& options) {
  std::thread worker([&] { theta -= static_cast<float>(options.lr) * grad; });
  worker.join();
  ++state.t;
}

}  // namespace optimizers::adam
