// Adam: one step.
//
// Source: D. P. Kingma, J. Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015,
// arXiv:1412.6980, Algorithm 1. AMSGrad: S. J. Reddi, S. Kale, S. Kumar, ICLR 2018, arXiv:1904.09237.
#pragma once

#include <cstdint>
#include <kata/arrays.hpp>
#include <kata/fields.hpp>

namespace optimizers::adam {

/// Hyper-parameters, with PyTorch's defaults. They are double although the tensors are float:
/// 1 - 0.999f is already off by 1.3e-5.
struct AdamOptions {
  double lr = 1e-3;         // step size, >= 0
  double beta1 = 0.9;       // decay of the first moment, in [0, 1)
  double beta2 = 0.999;     // decay of the second moment, in [0, 1)
  double eps = 1e-8;        // added to the root, outside of it; >= 0
  double weight_decay = 0;  // L2 penalty: added to the gradient, not to the step; >= 0
  bool amsgrad = false;     // divide by the largest second moment so far
};
KATA_FIELDS(AdamOptions, lr, beta1, beta2, eps, weight_decay, amsgrad)

/// What lives between two steps. Everything is zero before the first one.
struct AdamState {
  kata::Out<kata::Vectorf> m;      // first moment, (n)
  kata::Out<kata::Vectorf> v;      // second moment, (n), each >= 0
  kata::Out<kata::Vectorf> v_max;  // largest v so far, (n); left alone unless amsgrad
  std::int64_t t = 0;              // steps done so far
};
KATA_FIELDS(AdamState, m, v, v_max, t)

/// One step of Adam on the parameters `theta`, in place.
///
/// Shapes    theta, grad, and the three vectors of `state`: (n), n >= 0.
/// Effect    theta, state.m, state.v and state.t move on (t by one); with amsgrad also state.v_max,
///           which keeps the largest v, before its bias is corrected (as PyTorch does).
/// Errors    std::invalid_argument, naming the argument, if a shape does not match theta's (grad, m,
///           v, v_max), or an option is out of its range (lr, beta1, beta2, eps, weight_decay).
///           Nothing has changed then.
/// Accuracy  float: within 1e-6 of the step's size and 4 units in the last place of theta.
void adam_step(kata::Out<kata::Vectorf> theta, kata::In<kata::Vectorf> grad, AdamState& state,
               const AdamOptions& options);

}  // namespace optimizers::adam
