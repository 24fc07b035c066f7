// Three array expressions, the corrections folded into two constants: what a good Eigen user hands
// in. Each expression is a pass of its own, so m, v and grad travel twice: 40 bytes a parameter.
#include <cmath>
#include <stdexcept>
#include <string>

#include "optimizers/adam/adam.hpp"

namespace optimizers::adam {
namespace {

void check_size(const char* name, Eigen::Index got, Eigen::Index expected) {
  if (got != expected)
    throw std::invalid_argument(std::string(name) + " must have the size of theta, " +
                                std::to_string(expected));
}

void check_range(const char* name, double value, bool ok) {
  if (!ok)
    throw std::invalid_argument(std::string(name) + " is out of range: " + std::to_string(value));
}

}  // namespace

void adam_step(kata::Out<kata::Vectorf> theta, kata::In<kata::Vectorf> grad, AdamState& state,
               const AdamOptions& options) {
  const Eigen::Index n = theta.size();
  check_size("grad", grad.size(), n);
  check_size("m", state.m.size(), n);
  check_size("v", state.v.size(), n);
  check_size("v_max", state.v_max.size(), n);
  check_range("lr", options.lr, options.lr >= 0);
  check_range("beta1", options.beta1, options.beta1 >= 0 && options.beta1 < 1);
  check_range("beta2", options.beta2, options.beta2 >= 0 && options.beta2 < 1);
  check_range("eps", options.eps, options.eps >= 0);
  check_range("weight_decay", options.weight_decay, options.weight_decay >= 0);

  const double t = static_cast<double>(++state.t);
  const auto rate = static_cast<float>(options.lr / (1 - std::pow(options.beta1, t)));
  const auto root_scale = static_cast<float>(1 / std::sqrt(1 - std::pow(options.beta2, t)));
  const auto beta1 = static_cast<float>(options.beta1);
  const auto beta2 = static_cast<float>(options.beta2);
  const auto rest1 = static_cast<float>(1 - options.beta1);
  const auto rest2 = static_cast<float>(1 - options.beta2);
  const auto eps = static_cast<float>(options.eps);
  const auto decay = static_cast<float>(options.weight_decay);

  auto m = state.m.array(), v = state.v.array();
  if (decay != 0) {
    const auto g = grad.array() + decay * theta.array();
    m = beta1 * m + rest1 * g;
    v = beta2 * v + rest2 * g.square();
  } else {
    m = beta1 * m + rest1 * grad.array();
    v = beta2 * v + rest2 * grad.array().square();
  }
  if (options.amsgrad) {
    state.v_max = state.v_max.cwiseMax(state.v);
    theta.array() -= rate * m / (state.v_max.array().sqrt() * root_scale + eps);
  } else {
    theta.array() -= rate * m / (v.sqrt() * root_scale + eps);
  }
}

}  // namespace optimizers::adam
