#include "second_order/lbfgs/lbfgs.hpp"

#include <kata/not_implemented.hpp>

#include "second_order/lbfgs/wolfe.hpp"

namespace second_order::lbfgs {

// direction = -H grad, from the pairs in the rows of s and y, the oldest first.
// The statement is in README.md; the contract is above the declaration in lbfgs.hpp.
void lbfgs_direction(kata::In<kata::Vectord> grad, kata::In<kata::Matrixd> s,
                     kata::In<kata::Matrixd> y, kata::Out<kata::Vectord> direction) {
  (void)grad, (void)s, (void)y, (void)direction;
  throw kata::not_implemented();
}

// x moves to a minimum of the objective. wolfe_step, in wolfe.hpp, searches along a direction.
LbfgsResult lbfgs_minimize(const kata::Objective& objective, kata::Out<kata::Vectord> x,
                           const LbfgsOptions& options) {
  (void)objective, (void)x, (void)options;
  throw kata::not_implemented();
}

}  // namespace second_order::lbfgs
