// The oracle of optimizers/adam against PyTorch's torch.optim.Adam, against the closed form of the
// averages, and its error bounds against answers that are known to be good and bad.
#include "oracle/optimizers/adam.hpp"

#include <cmath>
#include <fstream>
#include <sstream>
#include <string>

#include "check.hpp"
#include "oracle/optimizers/adam_bounds.hpp"

namespace oracle {
namespace {

using optimizers::adam::AdamOptions;

/// The inputs of tests/fixtures/optimizers/make_adam.py.
const double kScales[] = {1.0, 1e-8, 1e8, 0.0, 1e-3};
constexpr std::size_t kSize = 5;

Reals fixture_start() {
  Reals theta(kSize);
  for (std::size_t i = 0; i < kSize; ++i) theta[i] = (static_cast<long double>(i) - 2) / 4;
  return theta;
}

Reals fixture_gradient(int t) {
  Reals grad(kSize);
  for (std::size_t i = 0; i < kSize; ++i) {
    const int whole = (7 * static_cast<int>(i) + 5 * t) % 13 - 6;
    grad[i] = kScales[i] * (whole / 4.0);
  }
  return grad;
}

AdamState rest(std::size_t n) {
  return {Reals(n), Reals(n), Reals(n), 0};
}

struct Row {
  std::string name, array;
  AdamOptions options;
  double late_lr = 0;
  int step = 0;
  Reals values;
};

Row parse(const std::string& line) {
  Row row;
  std::istringstream fields(line);
  AdamOptions& o = row.options;
  fields >> row.name >> o.lr >> row.late_lr >> o.beta1 >> o.beta2 >> o.eps >> o.weight_decay >>
      o.amsgrad >> row.step >> row.array;
  for (double x = 0; fields >> x;) row.values.push_back(x);
  return row;
}

TEST_CASE("oracle adam: twelve steps of torch.optim.Adam, six settings") {
  std::ifstream file(KATA_SOURCE_DIR "/tests/fixtures/optimizers/adam.tsv");
  REQUIRE(file);
  int rows = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    Row row = parse(line);
    REQUIRE(row.values.size() == kSize);
    const double lr = row.options.lr;
    Reals theta = fixture_start();
    AdamState state = rest(kSize);
    for (int t = 1; t <= row.step; ++t) {
      row.options.lr = t <= 6 ? lr : row.late_lr;
      adam_step(theta, fixture_gradient(t), state, row.options);
    }
    const Reals& ours = row.array == "theta" ? theta
                        : row.array == "m"   ? state.m
                        : row.array == "v"   ? state.v
                                             : state.v_max;
    for (std::size_t i = 0; i < kSize; ++i) {
      INFO(row.name << ", step " << row.step << ", " << row.array << "(" << i << ")");
      CHECK(std::abs(ours[i] - row.values[i]) <= 1e-12L * std::abs(row.values[i]));
    }
    ++rows;
  }
  CHECK(rows == 80);
}

TEST_CASE("oracle adam: the corrected averages of a constant gradient are exact") {
  const Reals grad = {3, -0.25L, 1e-8L};
  Reals theta(3);
  AdamState state = rest(3);
  const AdamOptions options{.lr = 0.5, .eps = 0};
  for (int t = 1; t <= 50; ++t) {
    adam_step(theta, grad, state, options);
    for (std::size_t i = 0; i < 3; ++i) {
      const long double moved = (grad[i] > 0 ? -0.5L : 0.5L) * t;
      CHECK(std::abs(theta[i] - moved) <= 1e-14L * std::abs(moved));
    }
  }
}

/// The bounds of twenty steps with cancelling gradients, beside a trajectory in `Real` that rounds
/// beta2 first, or not.
template <class Real>
bool within_bounds(bool float_beta2) {
  AdamTrajectory exact({0.5L}, rest(1));
  const AdamOptions options{.lr = 0.01, .weight_decay = 0.1};
  const double beta2 = float_beta2 ? static_cast<double>(0.999f) : 0.999;
  Real theta = 0.5, m = 0, v = 0;
  bool within = true;
  for (int t = 1; t <= 20; ++t) {
    const double grad = t % 3 == 0 ? -1.75 : 0.875;
    exact.step({grad}, options);
    const Real g = static_cast<Real>(grad) + static_cast<Real>(0.1) * theta;
    m = static_cast<Real>(0.9) * m + static_cast<Real>(1 - 0.9) * g;
    v = static_cast<Real>(beta2) * v + static_cast<Real>(1 - beta2) * g * g;
    const auto rate = static_cast<Real>(0.01 / (1 - std::pow(0.9, t)));
    const auto scale = static_cast<Real>(1 / std::sqrt(1 - std::pow(beta2, t)));
    theta -= rate * m / (std::sqrt(v) * scale + static_cast<Real>(1e-8));
    within = within && std::abs(theta - exact.theta()[0]) <= exact.theta_bound()[0] &&
             std::abs(m - exact.state().m[0]) <= exact.m_bound()[0] &&
             std::abs(v - exact.state().v[0]) <= exact.v_bound()[0];
  }
  return within;
}

TEST_CASE("oracle adam: the bounds hold for float and catch a rounded beta2") {
  CHECK(within_bounds<float>(false));
  CHECK(within_bounds<double>(false));
  CHECK_FALSE(within_bounds<float>(true));
  CHECK_FALSE(within_bounds<double>(true));
}

}  // namespace
}  // namespace oracle
