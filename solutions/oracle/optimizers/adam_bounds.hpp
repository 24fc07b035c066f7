// How far from the definition a right answer in float may be: an error bound for every number of a
// trajectory, carried along beside the oracle.
//
// The contract of adam.hpp, with r = 1e-6 (about 17 half units in the last place of a float, where
// the longest chain of roundings that an honest answer has is 15) and e_x the bound of x before the
// step:
//
//     G        = |g| + weight_decay |theta|                      size of the gradient's terms
//     e_g      = weight_decay e_theta                            inherited
//     e_m'     = beta1 e_m + (1 - beta1) e_g + r (|m| + (1 - beta1) G)
//     e_v'     = beta2 e_v + (1 - beta2) (2 |g'| e_g + e_g^2) + r (v + (1 - beta2) G^2)
//     e_v_max' = max(e_v_max, e_v')
//     e_step   = largest |step(m' +- e_m', v' +- e_v') - step(m', v')| + r |step|
//     e_theta' = e_theta + e_step + 4 units in the last place of theta
//
// with g' = g + weight_decay theta. The sizes of the terms carry r, not their sum, since m and g
// may cancel; and |m| rather than beta1 |m|, so that m + (1 - beta1)(g - m) is allowed as well.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "oracle/optimizers/adam.hpp"

namespace oracle {

inline std::vector<double> to_double(const Reals& x) {
  return {x.begin(), x.end()};
}

/// A trajectory by definition, and the bounds of a float trajectory that starts at the same
/// numbers.
class AdamTrajectory {
 public:
  AdamTrajectory(Reals theta, AdamState state)
      : theta_(std::move(theta)), state_(std::move(state)), size_(theta_.size()) {}

  void step(const Reals& grad, const optimizers::adam::AdamOptions& options) {
    const Reals theta = theta_;
    const AdamState state = state_;
    adam_step(theta_, grad, state_, options);
    const long double t = static_cast<long double>(state_.t);
    correction1_ = 1 - std::pow(static_cast<long double>(options.beta1), t);
    correction2_ = 1 - std::pow(static_cast<long double>(options.beta2), t);
    for (std::size_t i = 0; i < size_; ++i) grow_bounds(i, theta[i], grad[i], state, options);
  }

  const Reals& theta() const { return theta_; }
  const AdamState& state() const { return state_; }
  const Reals& theta_bound() const { return e_theta_; }
  const Reals& m_bound() const { return e_m_; }
  const Reals& v_bound() const { return e_v_; }
  const Reals& v_max_bound() const { return e_v_max_; }

 private:
  static constexpr long double kRelative = 1e-6L;
  static constexpr long double kUnitInLastPlace = 0x1p-23L;

  void grow_bounds(std::size_t i, long double theta, long double grad, const AdamState& before,
                   const optimizers::adam::AdamOptions& options) {
    const long double beta1 = options.beta1, beta2 = options.beta2, decay = options.weight_decay;
    const long double g = std::abs(grad + decay * theta);
    const long double size = std::abs(grad) + decay * std::abs(theta);
    const long double e_g = decay * e_theta_[i];
    e_m_[i] = beta1 * e_m_[i] + (1 - beta1) * e_g +
              kRelative * (std::abs(before.m[i]) + (1 - beta1) * size);
    e_v_[i] = beta2 * e_v_[i] + (1 - beta2) * (2 * g * e_g + e_g * e_g) +
              kRelative * (before.v[i] + (1 - beta2) * size * size);
    if (options.amsgrad) e_v_max_[i] = std::max(e_v_max_[i], e_v_[i]);

    const long double v = options.amsgrad ? state_.v_max[i] : state_.v[i];
    const long double e_v = options.amsgrad ? e_v_max_[i] : e_v_[i];
    const long double m = std::abs(state_.m[i]);
    const long double step = step_size(m, v, options);
    const long double largest = step_size(m + e_m_[i], std::max(v - e_v, 0.0L), options);
    e_theta_[i] += (largest - step) + kRelative * step +
                   4 * kUnitInLastPlace * std::max(std::abs(theta), std::abs(theta_[i]));
  }

  long double step_size(long double m, long double v,
                        const optimizers::adam::AdamOptions& options) const {
    if (m == 0) return 0;
    return options.lr * (m / correction1_) / (std::sqrt(v / correction2_) + options.eps);
  }

  Reals theta_;
  AdamState state_;
  std::size_t size_;
  long double correction1_ = 1, correction2_ = 1;  // of the step that was made last
  Reals e_theta_ = Reals(size_), e_m_ = Reals(size_), e_v_ = Reals(size_), e_v_max_ = Reals(size_);
};

}  // namespace oracle
