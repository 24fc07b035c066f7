#include "optimizers/adam/adam.hpp"

#include <kata/not_implemented.hpp>

namespace optimizers::adam {

// theta moves one step against grad; state holds m, v, v_max and the number of steps done, t.
// The statement is in README.md; the contract is above the declaration in adam.hpp.
void adam_step(kata::Out<kata::Vectorf> theta, kata::In<kata::Vectorf> grad, AdamState& state,
               const AdamOptions& options) {
  (void)theta, (void)grad, (void)state, (void)options;
  throw kata::not_implemented();
}

}  // namespace optimizers::adam
