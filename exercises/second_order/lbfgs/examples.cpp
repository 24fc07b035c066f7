// Public tests: numbers that can be checked by hand.
#include <kata/test.hpp>

#include "second_order/lbfgs/lbfgs.hpp"
#include "second_order/lbfgs/subject.hpp"

namespace second_order::lbfgs {
namespace {

using kata::Matrixd;
using kata::Vectord;
using kata::test::is_close_to;

Vectord direction(const Vectord& grad, const Matrixd& s, const Matrixd& y) {
  Vectord d(grad.size());
  kata::test::poison(d);
  subject.lbfgs_direction(grad, s, y, d);
  return d;
}

// (x - 3)^2 + 10 (y + 1)^2: 0 at (3, -1).
double bowl(kata::In<Vectord> x, kata::Out<Vectord> grad) {
  grad(0) = 2 * (x(0) - 3);
  grad(1) = 20 * (x(1) + 1);
  return (x(0) - 3) * (x(0) - 3) + 10 * (x(1) + 1) * (x(1) + 1);
}

}  // namespace

TEST_CASE("direction: without pairs it is the steepest descent", "[public][example]") {
  const Matrixd none(0, 2);
  CHECK_THAT(direction(Eigen::Vector2d(3, -4), none, none),
             is_close_to(Eigen::Vector2d(-3, 4), {.atol = 1e-14}));
}

TEST_CASE("direction: one pair, the example of the statement", "[public][example]") {
  const Matrixd s{{1, 0}};
  const Matrixd y{{2, 1}};
  CHECK_THAT(direction(Eigen::Vector2d(0, 5), s, y),
             is_close_to(Eigen::Vector2d(1, -2), {.atol = 1e-14}));
  // The secant equation H y = s.
  CHECK_THAT(direction(Eigen::Vector2d(2, 1), s, y),
             is_close_to(Eigen::Vector2d(-1, 0), {.atol = 1e-14}));
}

TEST_CASE("direction: two pairs, the oldest in row 0", "[public][example]") {
  // gamma = 1/2; going down q = (2, 0), then (0, -1); coming back (1.25, -0.5), then (1.25, -1.25).
  const Matrixd s{{1, 0}, {0, 1}};
  const Matrixd y{{2, 1}, {1, 1}};
  CHECK_THAT(direction(Eigen::Vector2d(2, 0), s, y),
             is_close_to(Eigen::Vector2d(-1.25, 1.25), {.atol = 1e-14}));
}

TEST_CASE("direction: a pair of negative curvature is ignored", "[public][example]") {
  const Matrixd s{{1, 0}, {0, 1}};
  const Matrixd y{{2, 1}, {1, -3}};
  CHECK_THAT(direction(Eigen::Vector2d(0, 5), s, y),
             is_close_to(Eigen::Vector2d(1, -2), {.atol = 1e-14}));
}

TEST_CASE("minimize: the bottom of a bowl", "[public][example]") {
  kata::test::Counted counted(bowl, 100);
  Vectord x = Vectord::Zero(2);
  const LbfgsResult result = subject.lbfgs_minimize(counted.function(), x, LbfgsOptions{});
  CHECK(result.status == LbfgsStatus::converged);
  CHECK_THAT(x, is_close_to(Eigen::Vector2d(3, -1), {.atol = 1e-6}));
  CHECK(result.grad_norm <= 1e-6);
  CHECK(result.evaluations == counted.evaluations());
}

TEST_CASE("minimize: a start at the minimum needs one evaluation", "[public][example]") {
  kata::test::Counted counted(bowl, 100);
  Vectord x = Eigen::Vector2d(3, -1);
  const LbfgsResult result = subject.lbfgs_minimize(counted.function(), x, LbfgsOptions{});
  CHECK(result.status == LbfgsStatus::converged);
  CHECK(result.iterations == 0);
  CHECK(counted.evaluations() == 1);
  CHECK_THAT(x, kata::test::is_equal_to(Eigen::Vector2d(3, -1)));
}

}  // namespace second_order::lbfgs
