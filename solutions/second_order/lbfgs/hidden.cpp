// Hidden tests of lbfgs_direction and lbfgs_minimize. The direction is unique: it is held against
// the dense matrix of its definition. The steps of the minimiser are not: they are held against the
// properties that the contract names. Each point that a step reached is known by asking for so many
// steps and no more.
#include <kata/test.hpp>

#include <cmath>
#include <limits>
#include <vector>

#include "oracle/second_order/inverse_hessian.hpp"
#include "oracle/second_order/problems.hpp"
#include "second_order/lbfgs/lbfgs.hpp"
#include "second_order/lbfgs/subject.hpp"

namespace second_order::lbfgs {
namespace {

using kata::Index;
using kata::Matrixd;
using kata::Vectord;
using kata::test::Counted;
using kata::test::is_close_to;
using kata::test::is_equal_to;
using kata::test::normal;
using kata::test::uniform_int;
using oracle::second_order::Problem;
namespace problems = oracle::second_order;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// ---------------------------------------------------------------------------------------------
// Directions

struct History {
  Matrixd s, y;

  History(Index m, Index n) : s(m, n), y(m, n) {}
  void set(Index row, const Vectord& s_row, const Vectord& y_row) {
    s.row(row) = s_row.transpose();
    y.row(row) = y_row.transpose();
  }
  std::vector<problems::Pair> pairs() const {
    std::vector<problems::Pair> out;
    for (Index i = 0; i < s.rows(); ++i) out.push_back({s.row(i), y.row(i)});
    return out;
  }
};

Vectord direction(const Vectord& grad, const History& h) {
  Vectord d(grad.size());
  kata::test::poison(d);
  subject.lbfgs_direction(grad, h.s, h.y, d);
  return d;
}

Vectord expected_direction(const Vectord& grad, const std::vector<problems::Pair>& pairs) {
  const auto h = problems::lbfgs_inverse_hessian(grad.size(), pairs, kCurvatureThreshold);
  return (-h * grad.cast<long double>()).cast<double>();
}

/// As the contract promises: 1e-10 of the direction's length in each entry.
auto is_near(const Vectord& expected, double relative = 1e-10) {
  return is_close_to(expected, {.atol = relative * expected.norm()});
}

double log_uniform(double low, double high) {
  std::uniform_real_distribution<double> draw(std::log(low), std::log(high));
  return std::exp(draw(kata::test::rng()));
}

/// Pairs with y = D s, another positive diagonal D in [1, 10] for each: no quadratic has them all.
/// Then s.y >= 0.57 |s| |y|. The steps have very different lengths.
History random_history(Index m, Index n) {
  History h(m, n);
  for (Index i = 0; i < m; ++i) {
    const Vectord s = log_uniform(1e-3, 1e3) * normal<Vectord>(n);
    Vectord d(n);
    kata::test::fill_uniform(d, 1, 10);
    h.set(i, s, d.cwiseProduct(s));
  }
  return h;
}

/// A quadratic around 0 with eigenvalues in [1, 30]; its gradient at s is A s.
Problem random_bowl(Index n) {
  return problems::quadratic(normal<Vectord>(n), Vectord::Zero(n), 30);
}
Vectord times_a(const Problem& bowl, const Vectord& s) {
  Vectord y(s.size());
  bowl.f(s, y);
  return y;
}

/// `m` steps that are conjugate to each other in the bowl, with their y.
History conjugate_history(const Problem& bowl, Index m, Index n) {
  History h(m, n);
  for (Index i = 0; i < m; ++i) {
    Vectord s = normal<Vectord>(n);
    for (int twice = 0; twice < 2; ++twice)
      for (Index j = 0; j < i; ++j)
        s -= h.s.row(j).transpose() * (h.y.row(j).dot(s) / h.y.row(j).dot(h.s.row(j)));
    h.set(i, s, times_a(bowl, s));
  }
  return h;
}

/// A pair whose s and y enclose an angle of the given cosine.
History nearly_perpendicular(Index n, double cosine, double s_length, double y_length) {
  const Vectord s = normal<Vectord>(n).normalized();
  Vectord y = normal<Vectord>(n);
  for (int twice = 0; twice < 2; ++twice) y -= s * s.dot(y);
  y.normalize();
  History h(1, n);
  h.set(0, s_length * s, y_length * (y + cosine * s));
  return h;
}

}  // namespace

TEST_CASE("direction: minus the gradient when there are no pairs", "[hidden][direction]") {
  for (const Index n : {1, 7}) {
    const Vectord grad = normal<Vectord>(n);
    CHECK_THAT(direction(grad, History(0, n)), is_equal_to(Vectord(-grad)));
  }
}

TEST_CASE("direction: agrees with the dense matrix of its definition",
          "[hidden][bfgs_equivalence]") {
  const Index sizes[][2] = {{1, 1}, {1, 2}, {3, 2}, {2, 8}, {5, 11}, {12, 9}, {20, 31}};
  for (const auto& [m, n] : sizes) {
    INFO("pairs: " << m << ", n: " << n);
    const History h = random_history(m, n);
    const Vectord grad = normal<Vectord>(n);
    CHECK_THAT(direction(grad, h), is_near(expected_direction(grad, h.pairs())));
  }
}

TEST_CASE("direction: agrees with BFGS started from the same matrix on a quadratic",
          "[hidden][bfgs_equivalence]") {
  const Index n = 10, m = 6;
  const Problem bowl = random_bowl(n);
  History h(m, n);
  for (Index i = 0; i < m; ++i) {
    const Vectord s = log_uniform(1e-3, 1e3) * normal<Vectord>(n);
    h.set(i, s, times_a(bowl, s));
  }
  for (int i = 0; i < 5; ++i) {
    const Vectord grad = log_uniform(1e-6, 1e6) * normal<Vectord>(n);
    CHECK_THAT(direction(grad, h), is_near(expected_direction(grad, h.pairs())));
  }
}

TEST_CASE("direction: comes from a symmetric, positive definite matrix", "[hidden][direction]") {
  const Index n = 7, m = 4;
  const History h = random_history(m, n);
  Eigen::MatrixXd matrix(n, n);
  for (Index i = 0; i < n; ++i) matrix.col(i) = -direction(Vectord::Unit(n, i), h);
  CHECK_THAT(matrix,
             is_close_to(Eigen::MatrixXd(matrix.transpose()), {.atol = 1e-10 * matrix.norm()}));
  for (int i = 0; i < 20; ++i) {
    const Vectord grad = normal<Vectord>(n);
    CHECK(grad.dot(direction(grad, h)) < 0);
  }
}

TEST_CASE("direction: is linear in the gradient", "[hidden][direction]") {
  const Index n = 6;
  const History h = random_history(3, n);
  const Vectord a = normal<Vectord>(n), b = normal<Vectord>(n);
  const Vectord sum = direction(Vectord(3 * a - 0.25 * b), h);
  const Vectord parts = 3 * direction(a, h) - 0.25 * direction(b, h);
  const double scale = direction(a, h).norm() + direction(b, h).norm();
  CHECK(a.dot(direction(a, h)) < 0);
  CHECK_THAT(sum, is_close_to(parts, {.atol = 1e-9 * scale}));
}

TEST_CASE("direction: does not depend on the units of the objective", "[hidden][direction]") {
  const Index n = 6;
  const History h = random_history(4, n);
  const Vectord grad = normal<Vectord>(n);
  const Vectord d = direction(grad, h);
  CHECK(grad.dot(d) < 0);
  for (const double unit : {1e-12, 1e9}) {
    History other = h;
    other.y *= unit;
    CHECK_THAT(direction(Vectord(unit * grad), other), is_near(d));
  }
}

TEST_CASE("direction: follows the units of the variables", "[hidden][direction]") {
  const Index n = 6;
  const History h = random_history(4, n);
  const Vectord grad = normal<Vectord>(n);
  const Vectord d = direction(grad, h);
  CHECK(grad.dot(d) < 0);
  for (const double unit : {1e-9, 1e7}) {
    History other = h;
    other.s *= unit;
    other.y /= unit;
    CHECK_THAT(direction(Vectord(grad / unit), other), is_near(Vectord(unit * d)));
  }
}

TEST_CASE("direction: turns with the axes", "[hidden][direction]") {
  const Index n = 8;
  const History h = random_history(5, n);
  const Vectord grad = normal<Vectord>(n);
  const Vectord axis = normal<Vectord>(n).normalized();
  const Eigen::MatrixXd mirror = Eigen::MatrixXd::Identity(n, n) - 2 * axis * axis.transpose();
  History turned = h;
  turned.s = h.s * mirror;
  turned.y = h.y * mirror;
  const Vectord d = direction(grad, h);
  CHECK(grad.dot(d) < 0);
  CHECK_THAT(direction(Vectord(mirror * grad), turned), is_near(Vectord(mirror * d), 1e-9));
}

// ---------------------------------------------------------------------------------------------
// The secant equation

TEST_CASE("secant: the newest change of the gradient gives back its step", "[hidden][secant]") {
  for (const Index m : {1, 2, 5, 9}) {
    INFO("pairs: " << m);
    const Index n = 6;
    const History h = random_history(m, n);
    CHECK_THAT(direction(h.y.row(m - 1), h), is_near(-h.s.row(m - 1).transpose(), 1e-9));
  }
}

TEST_CASE("secant: holds for every pair when the steps are conjugate", "[hidden][secant]") {
  const Index n = 9, m = 5;
  const Problem bowl = random_bowl(n);
  const History h = conjugate_history(bowl, m, n);
  for (Index i = 0; i < m; ++i)
    CHECK_THAT(direction(h.y.row(i), h), is_near(-h.s.row(i).transpose(), 1e-9));
}

TEST_CASE("secant: n conjugate steps give the step to the minimum of a quadratic",
          "[hidden][secant]") {
  for (const Index n : {1, 2, 8}) {
    const Problem bowl = random_bowl(n);
    const History h = conjugate_history(bowl, n, n);
    const Vectord x = normal<Vectord>(n);
    CHECK_THAT(direction(times_a(bowl, x), h), is_near(Vectord(-x), 1e-8));
  }
}

TEST_CASE("secant: holds with many variables, where no n x n matrix fits", "[hidden][secant]") {
  const Index n = 20000, m = 5;
  const History h = random_history(m, n);
  CHECK_THAT(direction(h.y.row(m - 1), h), is_near(-h.s.row(m - 1).transpose(), 1e-9));
}

// ---------------------------------------------------------------------------------------------
// Pairs that are not usable

TEST_CASE("curvature: unusable pairs among the others take no part", "[hidden][curvature]") {
  const Index n = 5;
  const History good = random_history(3, n);
  const Vectord zero = Vectord::Zero(n);
  const Vectord s = normal<Vectord>(n);
  Vectord with_nan = s, with_infinity = s;
  with_nan(2) = kNaN;
  with_infinity(1) = kInfinity;
  std::vector<problems::Pair> bad = {
      {s, Vectord(-s)},   {s, zero},          {zero, s},
      {zero, zero},       {with_nan, s},      {s, with_nan},
      {s, with_infinity}, {with_infinity, s}, {s, Vectord(-1e6 * s)}};
  const Vectord grad = normal<Vectord>(n);
  const Vectord expected = expected_direction(grad, good.pairs());
  const History upright = nearly_perpendicular(n, 1e-12, 1, 1);
  bad.push_back({upright.s.row(0), upright.y.row(0)});
  for (Index at = 0; at <= 3; ++at) {  // before the oldest, in between, after the newest
    for (const auto& pair : bad) {
      History h(4, n);
      for (Index row = 0, from = 0; row < 4; ++row)
        if (row == at)
          h.set(row, pair.s, pair.y);
        else
          h.set(row, good.s.row(from), good.y.row(from)), ++from;
      CHECK_THAT(direction(grad, h), is_near(expected));
    }
  }
}

TEST_CASE("curvature: the scale comes from the newest pair that is usable", "[hidden][curvature]") {
  const Index n = 6, m = 5;
  History h = random_history(m, n);
  for (const Index row : {m - 1, m - 2}) h.y.row(row) *= -1e3;
  CHECK_THAT(direction(h.y.row(m - 3), h), is_near(-h.s.row(m - 3).transpose(), 1e-9));
  const Vectord grad = normal<Vectord>(n);
  CHECK_THAT(direction(grad, h), is_near(expected_direction(grad, h.pairs())));
}

TEST_CASE("curvature: with no usable pair at all, minus the gradient", "[hidden][curvature]") {
  const Index n = 4;
  History h = random_history(3, n);
  h.y *= -1;
  const Vectord grad = normal<Vectord>(n);
  CHECK_THAT(direction(grad, h), is_equal_to(Vectord(-grad)));
}

TEST_CASE("curvature: s.y is measured against the lengths of s and y", "[hidden][curvature]") {
  const Index n = 6;
  const Vectord grad = normal<Vectord>(n);
  for (const auto& [s_length, y_length] : {std::pair{1.0, 1.0}, {1e-9, 1e-3}, {1e8, 1e4}}) {
    INFO("|s|: " << s_length << ", |y|: " << y_length);
    const History slanted = nearly_perpendicular(n, 1e-7, s_length, y_length);
    CHECK_THAT(direction(slanted.y.row(0), slanted), is_near(-slanted.s.row(0).transpose(), 1e-6));
    const History upright = nearly_perpendicular(n, 1e-13, s_length, y_length);
    CHECK_THAT(direction(grad, upright), is_equal_to(Vectord(-grad)));
  }
}

TEST_CASE("curvature: the smallest steps count as much as the largest", "[hidden][curvature]") {
  const Index n = 5;
  History h = random_history(4, n);
  const Vectord grad = normal<Vectord>(n);
  const Vectord expected = expected_direction(grad, h.pairs());
  // A pair and its multiple say the same about the objective.
  for (const Index row : {1, 3}) {
    const double scale = 1e-9 / h.s.row(row).norm();
    h.s.row(row) *= scale;
    h.y.row(row) *= scale;
  }
  CHECK_THAT(direction(grad, h), is_near(expected));
}

TEST_CASE("curvature: noise in long steps is not taken for curvature", "[hidden][curvature]") {
  const Index n = 6;
  const History good = random_history(3, n);
  const History noise = nearly_perpendicular(n, 1e-12, 1e5, 1e5);
  History h(4, n);
  for (Index row = 0; row < 3; ++row) h.set(row, good.s.row(row), good.y.row(row));
  h.set(3, noise.s.row(0), noise.y.row(0));
  const Vectord grad = normal<Vectord>(n);
  CHECK_THAT(direction(grad, h), is_near(expected_direction(grad, good.pairs())));
}

// ---------------------------------------------------------------------------------------------
// Minimising: what every run must tell truthfully

namespace {

struct Run {
  LbfgsResult result;
  Vectord x;
  Vectord grad;
};

double largest(const Vectord& v) {
  return v.cwiseAbs().maxCoeff();
}

/// Minimises from the problem's start and holds the result against the objective and the counter.
Run minimize(const Problem& problem, const LbfgsOptions& options = {}, int cap = 20000) {
  Counted counted(problem.f, cap);
  Run run{{}, problem.start, Vectord(problem.start.size())};
  run.result = subject.lbfgs_minimize(counted.function(), run.x, options);
  INFO(problem.name);
  CHECK(run.result.evaluations == counted.evaluations());
  CHECK(counted.evaluations() <= options.max_evaluations);
  CHECK(run.result.iterations <= options.max_iterations);
  CHECK(run.result.iterations < run.result.evaluations);
  CHECK(run.x.allFinite());
  CHECK_THAT(run.result.value, is_equal_to(problem.f(run.x, run.grad)));
  CHECK_THAT(run.result.grad_norm, is_close_to(largest(run.grad), {.rtol = 1e-14}));
  CHECK((run.result.status == LbfgsStatus::converged) ==
        (run.result.grad_norm <= options.grad_tolerance));
  return run;
}

/// Converged, to a value within 1e-7 of the published one.
Run solve(const Problem& problem, const LbfgsOptions& options = {}) {
  const Run run = minimize(problem, options);
  INFO(problem.name);
  CHECK(run.result.status == LbfgsStatus::converged);
  CHECK_THAT(run.result.value, is_close_to(problem.minimum, {.atol = 1e-7}));
  return run;
}

}  // namespace

TEST_CASE("convergence: narrow curved valleys", "[hidden][convergence]") {
  solve(problems::rosenbrock());
  solve(problems::beale());
  solve(problems::helical_valley());
}

TEST_CASE("convergence: variables of very different size", "[hidden][convergence]") {
  solve(problems::powell_badly_scaled());
  const Run brown = solve(problems::brown_badly_scaled());
  CHECK_THAT(brown.x, is_close_to(Eigen::Vector2d(1e6, 2e-6), {.per_element = {1e-3, 1e-9}}));
}

TEST_CASE("convergence: past a saddle, and to a singular minimum", "[hidden][convergence]") {
  const Run wood = solve(problems::wood());
  CHECK_THAT(wood.x, is_close_to(Vectord(Vectord::Ones(4)), {.atol = 1e-5}));
  solve(problems::powell_singular());
}

TEST_CASE("convergence: to the local minimum on the way", "[hidden][convergence]") {
  Problem p = problems::freudenstein_roth();
  p.minimum = problems::kFreudensteinRothLocal;
  const Run run = minimize(p);
  CHECK(run.result.status == LbfgsStatus::converged);
  CHECK_THAT(run.result.value, is_close_to(p.minimum, {.atol = 1e-3}));
}

TEST_CASE("convergence: an ill-conditioned quadratic", "[hidden][convergence]") {
  const Index n = 5;
  const Problem p = problems::quadratic(normal<Vectord>(n), normal<Vectord>(n), 1e6);
  const Run run = solve(p);
  CHECK_THAT(run.x, is_close_to(p.minimiser, {.atol = 2e-6}));  // the least eigenvalue is 1
}

TEST_CASE("convergence: one variable, and a thousand", "[hidden][convergence]") {
  const Problem one = problems::quadratic(normal<Vectord>(1), normal<Vectord>(1), 7);
  CHECK_THAT(solve(one).x, is_close_to(one.minimiser, {.atol = 1e-6}));
  const Index n = 1000;
  const Problem many = problems::quadratic(normal<Vectord>(n), normal<Vectord>(n), 20);
  CHECK_THAT(solve(many).x, is_close_to(many.minimiser, {.atol = 1e-5}));
  solve(problems::rosenbrock(n));
}

TEST_CASE("convergence: to the tolerance that was asked for", "[hidden][convergence]") {
  for (const double tolerance : {1e-1, 1e-4, 1e-10}) {
    LbfgsOptions options;
    options.grad_tolerance = tolerance;
    const Run run = minimize(problems::beale(), options);
    CHECK(run.result.status == LbfgsStatus::converged);
    CHECK(run.result.grad_norm <= tolerance);
  }
  // Flat for long: the value falls by less and less, far from the minimum.
  Problem flat = problems::powell_singular(8);
  LbfgsOptions options;
  options.grad_tolerance = 1e-9;
  solve(flat, options);
}

TEST_CASE("convergence: the largest entry of the gradient decides", "[hidden][convergence]") {
  // 400 entries of equal size: the Euclidean norm is 20 times the largest of them.
  const Index n = 400;
  Problem p = problems::quadratic(Vectord::Ones(n), Vectord::Zero(n), 1);
  p.start = Vectord::Constant(n, 0.5);
  for (const double tolerance : {0.6, 0.4}) {
    LbfgsOptions options;
    options.grad_tolerance = tolerance;
    const Run run = minimize(p, options);
    CHECK(run.result.status == LbfgsStatus::converged);
    CHECK((run.result.iterations == 0) == (tolerance > 0.5));
  }
}

// ---------------------------------------------------------------------------------------------
// The path: the points that 0, 1, 2, ... steps reach

namespace {

std::vector<Run> path(const Problem& problem, int history, int steps) {
  std::vector<Run> runs;
  for (int k = 0; k <= steps; ++k) {
    LbfgsOptions options;
    options.history = history;
    options.grad_tolerance = 1e-8;
    options.max_iterations = k;
    runs.push_back(minimize(problem, options));
    if (runs.back().result.status == LbfgsStatus::converged) break;
    CHECK(runs.back().result.status == LbfgsStatus::max_iterations);
    CHECK(runs.back().result.iterations == k);
  }
  return runs;
}

/// Each step must go along the direction of the newest `history` usable pairs before it, whatever
/// its length. In angle: 1e-6, since s and y are differences of the rounded points.
void check_directions(const std::vector<Run>& runs, int history) {
  std::vector<problems::Pair> pairs;
  for (std::size_t k = 0; k + 1 < runs.size(); ++k) {
    INFO("step " << k + 1);
    const Vectord step = runs[k + 1].x - runs[k].x;
    REQUIRE(step.norm() > 0);
    const Vectord expected = expected_direction(runs[k].grad, pairs);
    CHECK_THAT(Vectord(step.normalized()), is_close_to(expected.normalized(), {.atol = 1e-6}));
    const problems::Pair pair{step, runs[k + 1].grad - runs[k].grad};
    if (problems::usable(pair, kCurvatureThreshold)) pairs.push_back(pair);
    if (pairs.size() > static_cast<std::size_t>(history)) pairs.erase(pairs.begin());
  }
}

}  // namespace

TEST_CASE("path: a full history lets go of its oldest pair", "[hidden][path]") {
  Problem p = problems::rosenbrock(6);
  p.start += normal<Vectord>(6, 0, 0.1);
  for (const int history : {1, 3}) {
    INFO("history: " << history);
    const std::vector<Run> runs = path(p, history, 12);
    REQUIRE(runs.size() > 8);
    check_directions(runs, history);
  }
}

TEST_CASE("path: a history that never fills is BFGS", "[hidden][bfgs_equivalence]") {
  const Index n = 7;
  Problem p = problems::quadratic(normal<Vectord>(n), normal<Vectord>(n, 0, 3), 200);
  const std::vector<Run> runs = path(p, 50, 10);
  REQUIRE(runs.size() > 5);
  check_directions(runs, 50);
}

TEST_CASE("path: starts along the gradient, and the pairs come from steps", "[hidden][path]") {
  Problem p = problems::wood();
  p.start += normal<Vectord>(4, 0, 0.1);
  const std::vector<Run> runs = path(p, 5, 10);
  REQUIRE(runs.size() > 8);
  check_directions(runs, 5);
}

TEST_CASE("path: steps without usable curvature leave the history alone", "[hidden][curvature]") {
  // Concave for some steps from the start in every coordinate.
  const Vectord centre = normal<Vectord>(3);
  const Problem p = problems::cauchy_loss(centre, centre + Eigen::Vector3d(45, -30, 20));
  const std::vector<Run> runs = path(p, 4, 8);
  REQUIRE(runs.size() > 4);
  check_directions(runs, 4);
}

TEST_CASE("path: every step meets the strong Wolfe conditions", "[hidden][path]") {
  Problem p = problems::rosenbrock(4);
  p.start += normal<Vectord>(4, 0, 0.1);
  const std::vector<Run> runs = path(p, 10, 15);
  REQUIRE(runs.size() > 10);
  std::vector<problems::Pair> pairs;
  for (std::size_t k = 0; k + 1 < runs.size(); ++k) {
    INFO("step " << k + 1);
    const Vectord step = runs[k + 1].x - runs[k].x;
    const double before = runs[k].grad.dot(step), after = runs[k + 1].grad.dot(step);
    CHECK(before < 0);
    CHECK(runs[k + 1].result.value <= runs[k].result.value + 0.99e-4 * before);
    // wolfe_step goes no farther than ten times its first trial: there it may still be steep.
    const double first = pairs.empty() ? 1 : expected_direction(runs[k].grad, pairs).norm();
    const bool is_flat = std::abs(after) <= 0.9001 * std::abs(before);
    const bool is_far = step.norm() >= 9.99 * first;
    CHECK((is_flat || is_far));
    pairs.push_back({step, runs[k + 1].grad - runs[k].grad});
  }
}

// ---------------------------------------------------------------------------------------------
// Evaluations: at most twice what the whiteboard answer needs, in the tests' own count

namespace {
void solve_within(const Problem& problem, int budget, double tolerance = 1e-6) {
  LbfgsOptions options;
  options.grad_tolerance = tolerance;
  const Run run = solve(problem, options);
  INFO(problem.name);
  CHECK(run.result.evaluations <= budget);
}
}  // namespace

TEST_CASE("budget: the maximum-entropy problem", "[hidden][budget]") {
  solve_within(problems::maximum_entropy(), 12, 1e-5);  // SciPy allows its L-BFGS-B 7
}

TEST_CASE("budget: published problems", "[hidden][budget]") {
  solve_within(problems::rosenbrock(), 90);
  solve_within(problems::beale(), 32);
  solve_within(problems::helical_valley(), 60);
  solve_within(problems::powell_singular(), 104);
  solve_within(problems::wood(), 240);
  solve_within(problems::powell_badly_scaled(), 420);
}

TEST_CASE("budget: many variables", "[hidden][budget]") {
  const Index n = 300;
  solve_within(problems::quadratic(normal<Vectord>(n), normal<Vectord>(n), 100), 220);
  solve_within(problems::rosenbrock(n), 100);
}

TEST_CASE("budget: little more than one evaluation a step", "[hidden][budget]") {
  const Index n = 40;
  Problem p = problems::quadratic(normal<Vectord>(n), normal<Vectord>(n), 50);
  p.start = normal<Vectord>(n, 0, 100);
  const Run run = solve(p);
  CHECK(run.result.evaluations <= 1.35 * run.result.iterations + 8);
}

TEST_CASE("budget: a start at the minimum costs one evaluation", "[hidden][budget]") {
  Problem p = problems::quadratic(normal<Vectord>(4), normal<Vectord>(4), 10);
  p.start = p.minimiser;
  const Run run = minimize(p);
  CHECK(run.result.status == LbfgsStatus::converged);
  CHECK(run.result.evaluations == 1);
  CHECK(run.result.iterations == 0);
  CHECK_THAT(run.x, is_equal_to(p.minimiser));
}

TEST_CASE("budget: max_evaluations is never exceeded", "[hidden][budget]") {
  const Problem p = problems::rosenbrock();
  Vectord grad(2);
  const double at_start = p.f(p.start, grad);
  for (int limit = 1; limit <= 24; ++limit) {
    INFO("max_evaluations: " << limit);
    LbfgsOptions options;
    options.max_evaluations = limit;
    const Run run = minimize(p, options);
    CHECK(run.result.status == LbfgsStatus::max_evaluations);
    CHECK(run.result.value <= at_start);
  }
}

TEST_CASE("budget: it may end in the middle of a search", "[hidden][budget]") {
  // The first search needs several trials: the minimum is a million first trials away.
  const Problem p = problems::brown_badly_scaled();
  Vectord grad(2);
  const double at_start = p.f(p.start, grad);
  for (const int limit : {2, 3, 5, 8, 13}) {
    INFO("max_evaluations: " << limit);
    LbfgsOptions options;
    options.max_evaluations = limit;
    const Run run = minimize(p, options);
    CHECK(run.result.status == LbfgsStatus::max_evaluations);
    CHECK(run.result.value <= at_start);
  }
}

TEST_CASE("budget: max_iterations is never exceeded", "[hidden][budget]") {
  const Problem p = problems::beale();
  LbfgsOptions options;
  options.max_iterations = 0;
  const Run none = minimize(p, options);
  CHECK(none.result.status == LbfgsStatus::max_iterations);
  CHECK(none.result.evaluations == 1);
  CHECK_THAT(none.x, is_equal_to(p.start));
  options.max_iterations = 4;
  const Run four = minimize(p, options);
  CHECK(four.result.status == LbfgsStatus::max_iterations);
  CHECK(four.result.iterations == 4);
  CHECK(four.result.value < none.result.value);
}

// ---------------------------------------------------------------------------------------------
// Objectives that make trouble

TEST_CASE("robustness: concave regions far from the minimum", "[hidden][robustness]") {
  const Vectord centre = normal<Vectord>(4);
  const Problem far =
      problems::cauchy_loss(centre, centre + Vectord(Eigen::Vector4d(60, -40, 3, -0.5)));
  CHECK_THAT(solve(far).x, is_close_to(centre, {.atol = 1e-5}));
  const Vectord one = Vectord::Constant(1, 5);
  CHECK_THAT(solve(problems::cauchy_loss(one, Vectord::Constant(1, -70))).x,
             is_close_to(one, {.atol = 1e-5}));
}

TEST_CASE("robustness: no value outside of a domain", "[hidden][robustness]") {
  for (const double outside : {kNaN, kInfinity, -kInfinity}) {
    Vectord start(3);
    kata::test::fill_uniform(start, 4, 8);
    start(1) = 0.01;
    const Run run = solve(problems::log_barrier(start, outside));
    CHECK_THAT(run.x, is_close_to(Vectord(Vectord::Ones(3)), {.atol = 1e-5}));
    solve(problems::log_barrier(Vectord::Constant(1, 5), outside));
  }
}

TEST_CASE("robustness: no gradient outside of a domain", "[hidden][robustness]") {
  // A tempting value where the gradient is NaN: such a point must not be returned.
  for (const double outside : {0.0, -1e9})
    solve(problems::log_barrier(Eigen::Vector2d(6, 0.05), outside));
}

TEST_CASE("robustness: a gradient of the wrong sign ends the run at the start",
          "[hidden][robustness]") {
  Problem p = problems::quadratic(normal<Vectord>(3), normal<Vectord>(3, 0, 5), 10);
  const auto right = p.f;
  p.f = [right](kata::In<Vectord> x, kata::Out<Vectord> grad) {
    const double value = right(x, grad);
    grad *= -1;
    return value;
  };
  const Run run = minimize(p);
  CHECK(run.result.status == LbfgsStatus::line_search_failed);
  CHECK(run.result.iterations == 0);
  CHECK_THAT(run.x, is_equal_to(p.start));
}

TEST_CASE("robustness: an objective without a minimum ends", "[hidden][robustness]") {
  Problem p;
  p.name = "slope";
  const Vectord slope = normal<Vectord>(3);
  p.f = [slope](kata::In<Vectord> x, kata::Out<Vectord> grad) {
    grad = slope;
    return slope.dot(x);
  };
  p.start = Vectord::Zero(3);
  LbfgsOptions options;
  options.max_iterations = 30;
  const Run run = minimize(p, options);
  CHECK(run.result.status != LbfgsStatus::converged);
  CHECK(run.result.value < 0);
}

TEST_CASE("robustness: values of any size", "[hidden][robustness]") {
  for (const double unit : {1e-9, 1e9}) {
    Problem p = problems::quadratic(normal<Vectord>(6), normal<Vectord>(6), 40);
    const auto f = p.f;
    p.f = [f, unit](kata::In<Vectord> x, kata::Out<Vectord> grad) {
      const double value = f(x, grad);
      grad *= unit;
      return unit * value;
    };
    LbfgsOptions options;
    options.grad_tolerance = 1e-6 * unit;
    const Run run = minimize(p, options);
    CHECK(run.result.status == LbfgsStatus::converged);
    CHECK_THAT(run.x, is_close_to(p.minimiser, {.atol = 3e-6}));
    CHECK(run.result.evaluations <= 120);
  }
}

TEST_CASE("robustness: a call remembers nothing of the one before", "[hidden][robustness]") {
  const Problem p = problems::beale();
  const Run first = minimize(p);
  minimize(problems::wood());
  const Run again = minimize(p);
  CHECK_THAT(again.x, is_equal_to(first.x));
  CHECK(again.result.evaluations == first.result.evaluations);
}

// ---------------------------------------------------------------------------------------------
// What is refused

TEST_CASE("contract: a direction of mismatched shapes is refused", "[hidden][contract]") {
  const Vectord grad = normal<Vectord>(3);
  const Matrixd s = Matrixd::Ones(2, 3), y = Matrixd::Ones(2, 3);
  Vectord d = Vectord::Constant(3, 7), longer = Vectord::Constant(4, 7), none(0);
  CHECK_REFUSES(subject.lbfgs_direction(none, s, y, d), "grad");
  CHECK_REFUSES(subject.lbfgs_direction(grad, Matrixd::Ones(2, 4), y, d), "s");
  CHECK_REFUSES(subject.lbfgs_direction(grad, s, Matrixd::Ones(1, 3), d), "y");
  CHECK_REFUSES(subject.lbfgs_direction(grad, s, Matrixd::Ones(2, 2), d), "y");
  CHECK_REFUSES(subject.lbfgs_direction(grad, s, y, longer), "direction");
  CHECK_THAT(d, is_equal_to(Vectord(Vectord::Constant(3, 7))));
  CHECK_THAT(longer, is_equal_to(Vectord(Vectord::Constant(4, 7))));
  // And what fits is not.
  subject.lbfgs_direction(grad, s, y, d);
  CHECK_THAT(d, is_near(Vectord(-grad)));  // s = y: H = I
}

TEST_CASE("contract: options out of their range are refused", "[hidden][contract]") {
  Counted counted(problems::beale().f, 100);
  const auto refused = [&](const LbfgsOptions& options, const std::string& name) {
    Vectord x = Eigen::Vector2d(1, 1);
    CHECK_REFUSES(subject.lbfgs_minimize(counted.function(), x, options), name);
    CHECK_THAT(x, is_equal_to(Eigen::Vector2d(1, 1)));
  };
  refused({.history = 0}, "history");
  refused({.grad_tolerance = -1e-9}, "grad_tolerance");
  refused({.grad_tolerance = kNaN}, "grad_tolerance");
  refused({.max_iterations = -1}, "max_iterations");
  refused({.max_evaluations = 0}, "max_evaluations");
  Vectord empty(0);
  CHECK_REFUSES(subject.lbfgs_minimize(counted.function(), empty, LbfgsOptions{}), "x");
  // At the edge of the range they are not.
  LbfgsOptions least;
  least.history = 1;
  least.max_iterations = 1;
  CHECK(minimize(problems::beale(), least).result.iterations == 1);
}

TEST_CASE("contract: a start outside of the domain is refused", "[hidden][contract]") {
  for (const double outside : {kNaN, kInfinity, 0.0}) {  // 0: the gradient alone is NaN
    const Problem p = problems::log_barrier(Eigen::Vector2d(2, -1), outside);
    Counted counted(p.f, 100);
    Vectord x = p.start;
    CHECK_REFUSES(subject.lbfgs_minimize(counted.function(), x, LbfgsOptions{}), "x");
    CHECK(counted.evaluations() == 1);
    CHECK_THAT(x, is_equal_to(p.start));
  }
  CHECK(minimize(problems::log_barrier(Eigen::Vector2d(2, 1), kNaN)).result.status ==
        LbfgsStatus::converged);
}

TEST_CASE("contract: what the objective throws passes through", "[hidden][contract]") {
  struct Interrupted {};
  const Problem p = problems::beale();
  int calls = 0;
  const kata::Objective fails = [&](kata::In<Vectord> x, kata::Out<Vectord> grad) {
    if (++calls == 4) throw Interrupted{};
    return p.f(x, grad);
  };
  Vectord x = p.start;
  CHECK_THROWS_AS(subject.lbfgs_minimize(fails, x, LbfgsOptions{}), Interrupted);
  CHECK(calls == 4);
  CHECK(minimize(p).result.status == LbfgsStatus::converged);
}

}  // namespace second_order::lbfgs
