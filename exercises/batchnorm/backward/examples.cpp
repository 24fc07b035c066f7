// The public tests: numbers that can be checked with a pencil.
#include <kata/test.hpp>

#include "batchnorm/backward/subject.hpp"

namespace batchnorm::backward {
namespace {

using kata::Matrixf;
using kata::Vectorf;
using kata::test::is_close_to;
using kata::test::is_equal_to;

Vectorf one(float a) {
  return Vectorf::Constant(1, a);
}

Matrixf column(float a, float b, float c) {
  Matrixf m(3, 1);
  m << a, b, c;
  return m;
}

/// The statement's batch: x = (-3, 0, 3) has variance 6, and eps = 0.25, so inv_std = 1 / 2.5.
const Matrixf kXHat = column(-1.2f, 0, 1.2f);
constexpr float kInvStd = 0.4f;

TEST_CASE("the example of the statement", "[public][example]") {
  Matrixf dx(3, 1);
  Vectorf dgamma(1), dbeta(1);

  subject.batchnorm_backward(column(1, 2, 6), kXHat, one(2), one(kInvStd), dx, dgamma, dbeta);

  CHECK_THAT(dbeta, is_close_to(one(9), {.atol = 1e-5}));
  CHECK_THAT(dgamma, is_close_to(one(6), {.atol = 1e-5}));
  CHECK_THAT(dx, is_close_to(column(0.32f, -0.8f, 0.48f), {.atol = 1e-6}));
}

TEST_CASE("gamma scales dx, and neither dgamma nor dbeta", "[public][gamma]") {
  Matrixf dx(3, 1);
  Vectorf dgamma(1), dbeta(1);

  subject.batchnorm_backward(column(1, 2, 6), kXHat, one(-10), one(kInvStd), dx, dgamma, dbeta);

  CHECK_THAT(dbeta, is_close_to(one(9), {.atol = 1e-5}));
  CHECK_THAT(dgamma, is_close_to(one(6), {.atol = 1e-5}));
  CHECK_THAT(dx, is_close_to(column(-1.6f, 4, -2.4f), {.atol = 1e-5}));
}

TEST_CASE("each column of the batch is a problem of its own", "[public][definition]") {
  // The example, beside x = (4, -2, 1): mean 1, variance 6, the same eps, gamma = -1.
  Matrixf dy(3, 2), x_hat(3, 2), dx(3, 2), expected(3, 2);
  dy << 1, 3, 2, 0, 6, 3;
  x_hat << -1.2f, 1.2f, 0, -1.2f, 1.2f, 0;
  expected << 0.32f, 0.176f, -0.8f, 0.224f, 0.48f, -0.4f;
  Vectorf gamma(2), dgamma(2), dbeta(2), sums(2), weighted_sums(2);
  gamma << 2, -1;
  sums << 9, 6;
  weighted_sums << 6, 3.6f;

  subject.batchnorm_backward(dy, x_hat, gamma, Vectorf::Constant(2, kInvStd), dx, dgamma, dbeta);

  CHECK_THAT(dbeta, is_close_to(sums, {.atol = 1e-5}));
  CHECK_THAT(dgamma, is_close_to(weighted_sums, {.atol = 1e-5}));
  CHECK_THAT(dx, is_close_to(expected, {.atol = 1e-6}));
}

TEST_CASE("the same push on every sample moves nothing", "[public][mean_path]") {
  // y sees no difference between x and x + 1: the mean takes it off again.
  Matrixf dx(3, 1);
  Vectorf dgamma(1), dbeta(1);

  subject.batchnorm_backward(column(5, 5, 5), kXHat, one(2), one(kInvStd), dx, dgamma, dbeta);

  CHECK_THAT(dx, is_close_to(column(0, 0, 0), {.atol = 1e-5}));
  CHECK_THAT(dbeta, is_close_to(one(15), {.atol = 1e-5}));
}

TEST_CASE("a batch of one row has no gradient with respect to x", "[public][inputs]") {
  // x is its own mean, so x_hat = 0 whatever x is. Here eps = 0.01.
  Matrixf dy(1, 2), dx(1, 2);
  dy << 3, -4;
  Vectorf dgamma(2), dbeta(2), gamma(2);
  gamma << 2, -1;

  subject.batchnorm_backward(dy, Matrixf::Zero(1, 2), gamma, Vectorf::Constant(2, 10), dx, dgamma,
                             dbeta);

  CHECK_THAT(dx, is_close_to(Matrixf(Matrixf::Zero(1, 2)), {.atol = 1e-5}));
  CHECK_THAT(dgamma, is_close_to(Vectorf(Vectorf::Zero(2)), {.atol = 1e-6}));
  CHECK_THAT(dbeta, is_close_to(Vectorf(dy.row(0)), {.atol = 1e-6}));
}

TEST_CASE("a shape that does not fit is refused by name, and nothing is written",
          "[public][contract]") {
  Matrixf dx = column(7, 8, 9);
  Vectorf dgamma = one(10), dbeta = one(11);
  const Matrixf dy = column(1, 2, 6), two_rows = Matrixf::Zero(2, 1), empty(0, 1);
  const Vectorf two = Vectorf::Ones(2);

  CHECK_REFUSES(subject.batchnorm_backward(dy, two_rows, one(2), one(kInvStd), dx, dgamma, dbeta),
                "x_hat");
  CHECK_REFUSES(subject.batchnorm_backward(dy, kXHat, two, one(kInvStd), dx, dgamma, dbeta),
                "gamma");
  CHECK_THAT(dx, is_equal_to(column(7, 8, 9)));
  CHECK_THAT(dgamma, is_equal_to(one(10)));
  CHECK_THAT(dbeta, is_equal_to(one(11)));
  Matrixf dx_empty(0, 1);
  CHECK_REFUSES(
      subject.batchnorm_backward(empty, empty, one(2), one(kInvStd), dx_empty, dgamma, dbeta),
      "dy");
}

}  // namespace
}  // namespace batchnorm::backward
