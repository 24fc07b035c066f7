// The public tests: numbers that can be checked with a pencil.
#include <kata/test.hpp>

#include "optimizers/adam/subject.hpp"

namespace optimizers::adam {
namespace {

using kata::Vectorf;
using kata::test::is_close_to;
using kata::test::is_equal_to;

Vectorf three(float a, float b, float c) {
  Vectorf x(3);
  x << a, b, c;
  return x;
}

/// The statement's example: both averages halve, so that every number is short.
const AdamOptions kHalves{.lr = 0.3, .beta1 = 0.5, .beta2 = 0.5, .eps = 1e-8};

TEST_CASE("the example of the statement, first step", "[public][example]") {
  Vectorf theta = three(1, 1, 1), m = three(0, 0, 0), v = three(0, 0, 0), v_max = three(0, 0, 0);
  AdamState state{m, v, v_max, 0};

  subject.adam_step(theta, three(3, -4, 0), state, kHalves);

  CHECK_THAT(m, is_close_to(three(1.5f, -2, 0), {.atol = 1e-6}));
  CHECK_THAT(v, is_close_to(three(4.5f, 8, 0), {.atol = 1e-5}));
  CHECK_THAT(theta, is_close_to(three(0.7f, 1.3f, 1), {.atol = 1e-6}));
  CHECK(state.t == 1);
}

TEST_CASE("the example of the statement, second step", "[public][example]") {
  Vectorf theta = three(0.7f, 1.3f, 1), m = three(1.5f, -2, 0), v = three(4.5f, 8, 0);
  Vectorf v_max = three(0, 0, 0);
  AdamState state{m, v, v_max, 1};

  subject.adam_step(theta, three(3, 4, 0), state, kHalves);

  CHECK_THAT(m, is_close_to(three(2.25f, 1, 0), {.atol = 1e-6}));
  CHECK_THAT(v, is_close_to(three(6.75f, 12, 0), {.atol = 1e-5}));
  CHECK_THAT(theta, is_close_to(three(0.4f, 1.2f, 1), {.atol = 1e-6}));
  CHECK(state.t == 2);
}

TEST_CASE("the penalty joins the gradient before both moments", "[public][weight_decay]") {
  // g = 1 + 0.5 * 4 = 3 for the first parameter, -4 + 0.5 * 0 = -4 for the second.
  Vectorf theta = three(4, 0, 0), m = three(0, 0, 0), v = three(0, 0, 0), v_max = three(0, 0, 0);
  AdamState state{m, v, v_max, 0};
  AdamOptions options = kHalves;
  options.weight_decay = 0.5;

  subject.adam_step(theta, three(1, -4, 0), state, options);

  CHECK_THAT(m, is_close_to(three(1.5f, -2, 0), {.atol = 1e-6}));
  CHECK_THAT(v, is_close_to(three(4.5f, 8, 0), {.atol = 1e-5}));
  CHECK_THAT(theta, is_close_to(three(3.7f, 0.3f, 0), {.atol = 1e-6}));
}

TEST_CASE("amsgrad divides by the largest v so far", "[public][amsgrad]") {
  // beta1 = 0, so that m is the gradient. v falls from 12 to 12 / 2 + 2 * 2 / 2 = 8; its largest
  // value stays 12, and sqrt(12 / (1 - 0.5^2)) = 4: half a step of 0.3.
  Vectorf theta = three(1, 1, 1), m = three(9, 9, 9), v = three(12, 0, 0), v_max = three(12, 0, 3);
  AdamState state{m, v, v_max, 1};
  AdamOptions options = kHalves;
  options.beta1 = 0;
  options.amsgrad = true;

  subject.adam_step(theta, three(2, 0, 0), state, options);

  CHECK_THAT(v, is_close_to(three(8, 0, 0), {.atol = 1e-5}));
  CHECK_THAT(v_max, is_close_to(three(12, 0, 3), {.atol = 1e-5}));
  CHECK_THAT(theta, is_close_to(three(0.85f, 1, 1), {.atol = 1e-6}));
}

TEST_CASE("a gradient of the wrong size is refused by name", "[public][contract]") {
  Vectorf theta = three(1, 2, 3), m = three(0, 0, 0), v = three(0, 0, 0), v_max = three(0, 0, 0);
  AdamState state{m, v, v_max, 0};
  const Vectorf two = Vectorf::Ones(2);

  CHECK_REFUSES(subject.adam_step(theta, two, state, kHalves), "grad");
  CHECK_THAT(theta, is_equal_to(three(1, 2, 3)));
  CHECK(state.t == 0);
}

}  // namespace
}  // namespace optimizers::adam
