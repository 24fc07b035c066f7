// The hidden tests of adam_step. Expected numbers come from the definition in long double, and how
// far an answer in float may be from them from the error model in adam_bounds.hpp; the tests under
// "oracle-free" need neither.
#include <algorithm>
#include <kata/test.hpp>
#include <limits>

#include "optimizers/adam/subject.hpp"
#include "oracle/optimizers/adam_bounds.hpp"

namespace optimizers::adam {
namespace {

using kata::Index;
using kata::Vectorf;
using kata::test::is_close_to;
using kata::test::is_equal_to;
using kata::test::normal;

oracle::Reals reals(const Vectorf& x) {
  return {x.data(), x.data() + x.size()};
}

/// The subject and the definition, taking the same steps from the same numbers.
struct Run {
  explicit Run(Vectorf start)
      : Run(start, Vectorf::Zero(start.size()), Vectorf::Zero(start.size()),
            Vectorf::Zero(start.size()), 0) {}
  Run(Vectorf theta0, Vectorf m0, Vectorf v0, Vectorf v_max0, std::int64_t t0)
      : theta(std::move(theta0)),
        m(std::move(m0)),
        v(std::move(v0)),
        v_max(std::move(v_max0)),
        t(t0),
        expected(reals(theta), {reals(m), reals(v), reals(v_max), t}) {}

  void step(const Vectorf& grad, const AdamOptions& options) {
    AdamState state{m, v, v_max, t};
    subject.adam_step(theta, grad, state, options);
    t = state.t;
    expected.step(reals(grad), options);
  }

  void check() const {
    const auto bound = [](const oracle::Reals& e) {
      return kata::test::Tolerance{.per_element = oracle::to_double(e)};
    };
    CHECK_THAT(m, is_close_to(expected.state().m, bound(expected.m_bound())));
    CHECK_THAT(v, is_close_to(expected.state().v, bound(expected.v_bound())));
    CHECK_THAT(v_max, is_close_to(expected.state().v_max, bound(expected.v_max_bound())));
    CHECK_THAT(theta, is_close_to(expected.theta(), bound(expected.theta_bound())));
    CHECK(t == expected.state().t);
  }

  Vectorf theta, m, v, v_max;
  std::int64_t t;
  oracle::AdamTrajectory expected;
};

/// A state such as training leaves behind: m of the gradients' size, v positive.
Run in_training(Index n, std::int64_t t) {
  const Vectorf v = normal<Vectorf>(n).array().square() + 0.01f;
  const Vectorf v_max = v.array() + normal<Vectorf>(n).array().square();
  return Run(normal<Vectorf>(n), normal<Vectorf>(n, 0, 0.5), v, v_max, t);
}

/// Steps with normal gradients, checked after each.
void walk(Run& run, int steps, const AdamOptions& options) {
  for (int i = 0; i < steps; ++i) {
    run.step(normal<Vectorf>(run.theta.size()), options);
    run.check();
  }
}

Vectorf vector(std::initializer_list<double> values) {
  Vectorf x(static_cast<Index>(values.size()));
  Index i = 0;
  for (const double value : values) x[i++] = static_cast<float>(value);
  return x;
}

// ---- The definition

TEST_CASE("follows the definition for six steps from rest", "[hidden][definition]") {
  Run run(normal<Vectorf>(7));
  walk(run, 6, {.lr = 1e-2});
}

TEST_CASE("follows the definition when the rate changes half way", "[hidden][definition]") {
  Run run(normal<Vectorf>(5));
  walk(run, 5, {.lr = 1e-2});
  walk(run, 5, {.lr = 3e-4});
}

TEST_CASE("follows the definition with other decay rates and another eps", "[hidden][definition]") {
  Run run(normal<Vectorf>(11));
  walk(run, 6, {.lr = 0.05, .beta1 = 0.75, .beta2 = 0.96, .eps = 0.02});
}

TEST_CASE("every length from 1 to 37 is handled to its last entry", "[hidden][definition]") {
  for (const Index n : {1, 2, 3, 4, 7, 8, 9, 15, 17, 31, 33, 37}) {
    CAPTURE(n);
    Run run = in_training(n, 2);
    walk(run, 1, {.lr = 0.1});
  }
}

TEST_CASE("a long vector is handled to its last entry", "[hidden][definition]") {
  Run run = in_training(100'003, 6);
  walk(run, 1, {.lr = 0.1});
}

TEST_CASE("a constant gradient moves every parameter by lr a step", "[hidden][definition]") {
  // Oracle-free: with bias correction, m_hat is g and sqrt(v_hat) is |g|, whatever t.
  const Vectorf grad = vector({3, -0.25, 40, -1e-3, 2e3});
  Vectorf theta = Vectorf::Zero(5), m = theta, v = theta, v_max = theta;
  AdamState state{m, v, v_max, 0};
  const Vectorf direction = grad.array().sign();
  for (int step = 1; step <= 8; ++step) {
    subject.adam_step(theta, grad, state, {.lr = 0.125, .eps = 0});
    const Vectorf moved = -0.125f * static_cast<float>(step) * direction;
    CHECK_THAT(theta, is_close_to(moved, {.rtol = 5e-6}));
  }
}

TEST_CASE("with eps = 0 the scale of the gradients does not matter", "[hidden][definition]") {
  // Oracle-free: g and 1024 g give the same m / sqrt(v), to the bit but for the root's rounding.
  Run small(Vectorf::Zero(6)), large(Vectorf::Zero(6));
  for (int step = 0; step < 5; ++step) {
    const Vectorf grad = normal<Vectorf>(6).array() + 0.1f;
    small.step(grad, {.lr = 0.1, .eps = 0});
    large.step(1024 * grad, {.lr = 0.1, .eps = 0});
  }
  CHECK_THAT(large.theta, is_close_to(small.theta, {.atol = 2e-6, .rtol = 2e-6}));
  small.check();
}

// ---- State

TEST_CASE("goes on from a checkpoint as if it had not stopped", "[hidden][state]") {
  Run run = in_training(9, 41);
  walk(run, 5, {.lr = 1e-2});
}

TEST_CASE("two groups of parameters, stepped in turn, do not mix", "[hidden][state]") {
  Run first(normal<Vectorf>(4)), second = in_training(6, 17);
  for (int step = 0; step < 5; ++step) {
    walk(first, 1, {.lr = 1e-2});
    walk(second, 1, {.lr = 1e-3, .beta1 = 0.8, .beta2 = 0.99});
  }
}

TEST_CASE("after a million steps the corrections have died out", "[hidden][state]") {
  Run run = in_training(6, 1'000'000);
  walk(run, 5, {.lr = 1e-2});
}

TEST_CASE("the state holds the plain averages of g and of its square", "[hidden][state]") {
  // Oracle-free: m = sum 0.5^k g / 2, v = sum 0.25^k ... by hand for g = 1, 0, 0, 0, 8.
  Vectorf theta = Vectorf::Zero(1), m = theta, v = theta, v_max = theta;
  AdamState state{m, v, v_max, 0};
  const AdamOptions options{.lr = 0.01, .beta1 = 0.5, .beta2 = 0.75};
  for (const double g : {1, 0, 0, 0, 8}) subject.adam_step(theta, vector({g}), state, options);
  CHECK_THAT(m, is_close_to(vector({0.5 * 0.0625 + 4}), {.rtol = 1e-6}));
  CHECK_THAT(v, is_close_to(vector({0.25 * 0.31640625 + 16}), {.rtol = 1e-6}));
  CHECK(state.t == 5);
}

// ---- Sizes of gradients

TEST_CASE("tiny, zero and huge gradients side by side", "[hidden][stability]") {
  Run run(vector({0, 0.5, 0, 0, 0, -2, 0}));
  for (int step = 0; step < 6; ++step) {
    const double sign = step == 3 ? -1 : 1;  // one step back
    run.step(vector({sign * 1e-8, 0, 1e8, -3e-8, sign, -1e8, 2e-10}), {});
    run.check();
  }
}

TEST_CASE("a gradient as small as eps takes half a step", "[hidden][stability]") {
  // Oracle-free: lr g / (g + eps).
  Vectorf theta = Vectorf::Zero(3), m = theta, v = theta, v_max = theta;
  AdamState state{m, v, v_max, 0};
  subject.adam_step(theta, vector({1e-8, -3e-8, 0}), state, {});
  CHECK_THAT(theta, is_close_to(vector({-5e-4, 7.5e-4, 0}), {.rtol = 3e-6}));
}

TEST_CASE("eps has the value that the caller gives", "[hidden][stability]") {
  Run run = Run(Vectorf::Zero(8));
  for (int step = 0; step < 5; ++step) {
    run.step(normal<Vectorf>(8, 0, 1e-4), {.lr = 0.1, .eps = 1e-4});
    run.check();
  }
}

TEST_CASE("small gradients late in training", "[hidden][stability]") {
  const Vectorf m = normal<Vectorf>(5, 0, 1e-8);
  const Vectorf v = normal<Vectorf>(5, 0, 1e-8).array().square();
  Run run(Vectorf::Zero(5), m, v, Vectorf::Zero(5), 12);
  for (int step = 0; step < 5; ++step) {
    run.step(normal<Vectorf>(5, 0, 1e-8), {});
    run.check();
  }
}

// ---- AMSGrad

TEST_CASE("amsgrad keeps the largest v while v falls", "[hidden][amsgrad]") {
  Run run(normal<Vectorf>(7));
  const AdamOptions options{.lr = 1e-2, .beta2 = 0.8, .amsgrad = true};
  run.step(normal<Vectorf>(7, 0, 30), options);
  walk(run, 6, options);
}

TEST_CASE("amsgrad goes on from a checkpoint", "[hidden][amsgrad]") {
  Run run = in_training(9, 3);
  walk(run, 6, {.lr = 1e-2, .beta2 = 0.9, .amsgrad = true});
}

TEST_CASE("v_max is left alone without amsgrad", "[hidden][amsgrad]") {
  const Vectorf v_max = vector({7, 0, 1e-30, 3});
  Run run(normal<Vectorf>(4), Vectorf::Zero(4), Vectorf::Zero(4), v_max, 0);
  walk(run, 5, {.lr = 1e-2});
  CHECK_THAT(run.v_max, is_equal_to(v_max));
}

TEST_CASE("amsgrad with a penalty on the weights", "[hidden][amsgrad]") {
  Run run = in_training(13, 1);
  walk(run, 5, {.lr = 1e-2, .beta2 = 0.9, .weight_decay = 0.2, .amsgrad = true});
}

// ---- Weight decay

TEST_CASE("weight decay is part of the gradient", "[hidden][weight_decay]") {
  Run run(normal<Vectorf>(6, 0, 2));
  walk(run, 4, {.lr = 1e-2, .weight_decay = 0.3});
  walk(run, 3, {.lr = 1e-3, .weight_decay = 0.03});
}

TEST_CASE("weight decay from a checkpoint", "[hidden][weight_decay]") {
  Run run = in_training(10, 8);
  walk(run, 5, {.lr = 1e-2, .weight_decay = 1.5});
}

TEST_CASE("weight decay alone drives the weights to zero at full step", "[hidden][weight_decay]") {
  // Oracle-free: the gradient is weight_decay * theta alone, and the first step has the size lr.
  Vectorf theta = vector({4, -0.5, 0}), m = Vectorf::Zero(3), v = m, v_max = m;
  AdamState state{m, v, v_max, 0};
  subject.adam_step(theta, Vectorf::Zero(3), state, {.lr = 0.25, .weight_decay = 0.1});
  CHECK_THAT(theta, is_close_to(vector({3.75, -0.25, 0}), {.atol = 1e-6}));
  CHECK_THAT(m, is_close_to(vector({0.04, -0.005, 0}), {.rtol = 1e-6}));
  CHECK_THAT(v, is_close_to(vector({1.6e-4, 2.5e-6, 0}), {.rtol = 1e-6}));
}

// ---- The contract

/// The call is refused in the name of `argument`, and nothing has moved.
template <class Change>
void check_refused(const char* argument, Change change) {
  CAPTURE(argument);
  const Vectorf start = vector({1, -2, 3, 0.5, 7});
  Vectorf theta = start, m = start, v = start.cwiseAbs(), v_max = v, grad = start;
  AdamOptions options;
  change(grad, m, v, v_max, options);
  const Vectorf m0 = m, v0 = v, v_max0 = v_max;

  AdamState state{m, v, v_max, 6};
  CHECK_REFUSES(subject.adam_step(theta, grad, state, options), argument);
  CHECK_THAT(theta, is_equal_to(start));
  CHECK_THAT(m, is_equal_to(m0));
  CHECK_THAT(v, is_equal_to(v0));
  CHECK_THAT(v_max, is_equal_to(v_max0));
  CHECK(state.t == 6);
}

void check_works() {
  Run run = in_training(3, 5);
  walk(run, 1, {.lr = 0.1});
}

TEST_CASE("a shape that does not match theta's is refused", "[hidden][contract]") {
  for (const Index size : {0, 4, 6}) {
    const Vectorf other = Vectorf::Ones(size);
    check_refused("grad", [&](auto& grad, auto&, auto&, auto&, auto&) { grad = other; });
    check_refused("m", [&](auto&, auto& m, auto&, auto&, auto&) { m = other; });
    check_refused("v", [&](auto&, auto&, auto& v, auto&, auto&) { v = other; });
    check_refused("v_max", [&](auto&, auto&, auto&, auto& v_max, auto&) { v_max = other; });
  }
  check_refused("v_max", [](auto&, auto&, auto&, auto& v_max, auto& options) {
    v_max = Vectorf::Ones(9);
    options.amsgrad = true;
  });
  check_works();
}

void check_option_refused(const char* name, double AdamOptions::*option, double value) {
  CAPTURE(value);
  check_refused(name,
                [&](auto&, auto&, auto&, auto&, AdamOptions& options) { options.*option = value; });
}

TEST_CASE("an option out of its range is refused", "[hidden][contract]") {
  check_option_refused("lr", &AdamOptions::lr, -1e-3);
  check_option_refused("beta1", &AdamOptions::beta1, -0.1);
  check_option_refused("beta1", &AdamOptions::beta1, 1);
  check_option_refused("beta2", &AdamOptions::beta2, -0.1);
  check_option_refused("beta2", &AdamOptions::beta2, 1.5);
  check_option_refused("beta2", &AdamOptions::beta2, 1);
  check_option_refused("eps", &AdamOptions::eps, -1e-8);
  check_option_refused("weight_decay", &AdamOptions::weight_decay, -0.01);
  check_works();
}

TEST_CASE("an option that is NaN is refused", "[hidden][contract]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  check_option_refused("lr", &AdamOptions::lr, nan);
  check_option_refused("beta1", &AdamOptions::beta1, nan);
  check_option_refused("beta2", &AdamOptions::beta2, nan);
  check_option_refused("eps", &AdamOptions::eps, nan);
  check_option_refused("weight_decay", &AdamOptions::weight_decay, nan);
  check_works();
}

TEST_CASE("the ends of the ranges are legal", "[hidden][contract]") {
  Run still = in_training(5, 3);
  walk(still, 5, {.lr = 0});  // theta stays, the moments move
  Run sign(normal<Vectorf>(4));
  walk(sign, 1, {.lr = 0.5, .beta1 = 0, .beta2 = 0, .eps = 0});
  Run without_momentum(normal<Vectorf>(5));
  walk(without_momentum, 5, {.lr = 0.01, .beta1 = 0});
}

TEST_CASE("no parameters at all is a step like any other", "[hidden][contract]") {
  Run run(Vectorf(0));
  walk(run, 2, {.amsgrad = true});
  CHECK(run.t == 2);
  check_works();
}

// ---- Speed

/// Normal numbers; long vectors repeat a piece, since drawing takes longer than a step of Adam.
Vectorf normal_pieces(Index n) {
  const Vectorf piece = normal<Vectorf>(std::min<Index>(n, 20'011));
  Vectorf x(n);
  for (Index i = 0; i < n; i += piece.size()) {
    const Index size = std::min(piece.size(), n - i);
    x.segment(i, size) = piece.head(size);
  }
  return x;
}

/// One step in the middle of training, hard numbers among the easy ones.
struct Step : kata::test::SpeedCase {
  explicit Step(const kata::test::Sizes& sizes)
      : n(static_cast<Index>(sizes.at("n"))),
        theta0(normal_pieces(n)),
        m0(0.5f * normal_pieces(n)),
        v0(normal_pieces(n).array().square() + 0.01f),
        grad(normal_pieces(n)),
        theta(theta0),
        m(m0),
        v(v0),
        v_max(v0) {
    const Vectorf hard = vector({0, 1e-8, 1e8, -1e-8, -1e8});
    for (Index i = 0; i < n; i += 97) grad[i] = hard[i % hard.size()];
  }
  void call() override {
    AdamState state{m, v, v_max, 7};
    subject.adam_step(theta, grad, state, {});
    t = state.t;
  }
  /// Piece by piece: the definition's long doubles would take more memory than they are worth.
  void check() override {
    for (Index begin = 0; begin < n; begin += 4096) {
      CAPTURE(begin);
      const Index size = std::min<Index>(4096, n - begin);
      const auto part = [&](const Vectorf& x) { return Vectorf(x.segment(begin, size)); };
      Run piece(part(theta0), part(m0), part(v0), part(v0), 7);
      piece.expected.step(reals(part(grad)), {});
      piece.theta = part(theta), piece.m = part(m), piece.v = part(v), piece.v_max = part(v_max);
      piece.t = t;
      piece.check();
    }
  }
  /// theta, m and v are read and written, grad is read.
  double bytes() const override { return 28.0 * static_cast<double>(n); }

  Index n;
  Vectorf theta0, m0, v0, grad;
  Vectorf theta, m, v, v_max;
  std::int64_t t = 7;
};
KATA_SPEED(Step)

}  // namespace
}  // namespace optimizers::adam
