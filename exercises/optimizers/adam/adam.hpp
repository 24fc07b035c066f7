// Adam: one step.
//
// Source: D. P. Kingma, J. Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015,
// arXiv:1412.6980, Algorithm 1. AMSGrad: S. J. Reddi, S. Kale, S. Kumar, "On the Convergence of
// Adam and Beyond", ICLR 2018, arXiv:1904.09237, in the form that PyTorch has.
#pragma once

#include <cstdint>
#include <kata/arrays.hpp>
#include <kata/fields.hpp>

namespace optimizers::adam {

/// Hyper-parameters, with PyTorch's defaults. They are double although the tensors are float:
/// 1 - 0.999f is off by 1.3e-5.
struct AdamOptions {
  double lr = 1e-3;         // step size, >= 0
  double beta1 = 0.9;       // decay of the first moment, in [0, 1)
  double beta2 = 0.999;     // decay of the second moment, in [0, 1)
  double eps = 1e-8;        // added to the root, outside of it; >= 0
  double weight_decay = 0;  // L2 penalty: added to the gradient, not to the step; >= 0
  bool amsgrad = false;     // divide by the largest second moment so far
};
KATA_FIELDS(AdamOptions, lr, beta1, beta2, eps, weight_decay, amsgrad)

/// What lives between two steps. Everything is zero before the first one. The moments are kept as
/// the recurrences give them; their bias is corrected on the way to theta, never in here.
struct AdamState {
  kata::Out<kata::Vectorf> m;      // first moment, (n)
  kata::Out<kata::Vectorf> v;      // second moment, (n), each >= 0
  kata::Out<kata::Vectorf> v_max;  // largest v so far, (n); left alone unless amsgrad
  std::int64_t t = 0;              // steps done so far, >= 0
};
KATA_FIELDS(AdamState, m, v, v_max, t)

/// One step of Adam on the parameters `theta`, in place.
///
/// Shapes    theta, grad, and the three vectors of `state`, v_max also when it is not used: (n),
///           n >= 0.
/// Ranges    theta and grad are finite, and grad squared fits into a float. With eps = 0 the caller
///           sees to it that no v is zero.
/// Effect    theta, state.m, state.v and state.t move on (t by one); with amsgrad also state.v_max,
///           which keeps the largest v, before its bias is corrected (as PyTorch does).
/// Errors    std::invalid_argument, naming the argument, if a shape does not match theta's (grad,
///           m, v, v_max), or an option is out of its range (lr, beta1, beta2, eps, weight_decay;
///           a NaN is out of every range). Nothing has changed then.
/// Accuracy  what float arithmetic gives, in any order: m and v within 1e-6 of the sizes of the two
///           terms that they are averages of; theta within what that makes of the step, 1e-6 of the
///           step and 4 units in the last place of theta. 1 - beta and beta^t need double for it.
void adam_step(kata::Out<kata::Vectorf> theta, kata::In<kata::Vectorf> grad, AdamState& state,
               const AdamOptions& options);

}  // namespace optimizers::adam
