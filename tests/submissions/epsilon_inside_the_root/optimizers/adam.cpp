#include "optimizers/adam/adam.hpp"

#include <cmath>
#include <stdexcept>
#include <string>

namespace optimizers::adam {

namespace {
void require(bool ok, const std::string& text) {
  if (!ok) throw std::invalid_argument(text);
}
}  // namespace

// theta = theta - lr * m_hat / sqrt(v_hat + eps), as in the article
void adam_step(kata::Out<kata::Vectorf> theta, kata::In<kata::Vectorf> grad, AdamState& state,
               const AdamOptions& options) {
  require(grad.size() == theta.size(), "grad and theta differ in size");
  require(state.m.size() == theta.size(), "m and theta differ in size");
  require(state.v.size() == theta.size(), "v and theta differ in size");
  require(state.v_max.size() == theta.size(), "v_max and theta differ in size");
  require(options.lr >= 0, "lr < 0");
  require(options.beta1 >= 0 && options.beta1 < 1, "beta1 not in [0, 1)");
  require(options.beta2 >= 0 && options.beta2 < 1, "beta2 not in [0, 1)");
  require(options.eps >= 0, "eps < 0");
  require(options.weight_decay >= 0, "weight_decay < 0");

  ++state.t;
  const auto b1 = static_cast<float>(options.beta1), b2 = static_cast<float>(options.beta2);
  const Eigen::ArrayXf g = grad.array() + static_cast<float>(options.weight_decay) * theta.array();
  state.m.array() = b1 * state.m.array() + static_cast<float>(1 - options.beta1) * g;
  state.v.array() = b2 * state.v.array() + static_cast<float>(1 - options.beta2) * g.square();
  if (options.amsgrad) state.v_max = state.v_max.cwiseMax(state.v);
  const Eigen::ArrayXf v = options.amsgrad ? state.v_max.array() : state.v.array();
  const auto c1 = static_cast<float>(1 - std::pow(options.beta1, state.t));
  const auto c2 = static_cast<float>(1 - std::pow(options.beta2, state.t));
  theta.array() -= static_cast<float>(options.lr) * (state.m.array() / c1) /
                   (v / c2 + static_cast<float>(options.eps)).sqrt();
}

}  // namespace optimizers::adam
