// The oracles of second_order: gradients against central differences, minima against what was
// published and against libLBFGS, and the inverse update of BFGS against the direct one.
#include <Eigen/Dense>
#include <cmath>
#include <fstream>
#include <map>
#include <random>
#include <sstream>

#include "check.hpp"
#include "oracle/second_order/inverse_hessian.hpp"
#include "oracle/second_order/problems.hpp"

namespace oracle::second_order {
namespace {

VectorXd normal(Index n, unsigned seed, double deviation = 1) {
  std::mt19937_64 rng(seed);
  std::normal_distribution<double> draw(0, deviation);
  VectorXd v(n);
  for (Index i = 0; i < n; ++i) v(i) = draw(rng);
  return v;
}

std::vector<Problem> all() {
  std::vector<Problem> problems = published();
  problems.push_back(freudenstein_roth());
  problems.push_back(powell_singular(12));
  problems.push_back(quadratic(normal(6, 1), normal(6, 2), 1e4));
  problems.push_back(quadratic(normal(1, 3), normal(1, 4), 7));
  problems.push_back(cauchy_loss(normal(4, 5), normal(4, 6, 20)));
  problems.push_back(log_barrier(VectorXd::Constant(3, 2.5), std::nan("")));
  return problems;
}

/// (f(x + h e_i) - f(x - h e_i)) / 2h for h and h/2, extrapolated: an error of order h^4.
VectorXd central_differences(const Problem& p, const VectorXd& x) {
  VectorXd grad(x.size()), unused(x.size());
  for (Index i = 0; i < x.size(); ++i) {
    const auto quotient = [&](double h) {
      VectorXd up = x, down = x;
      up(i) += h;
      down(i) -= h;
      return (p.f(up, unused) - p.f(down, unused)) / (up(i) - down(i));
    };
    const double h = 1e-3 * std::max(1e-2, std::abs(x(i)));
    grad(i) = (4 * quotient(h / 2) - quotient(h)) / 3;
  }
  return grad;
}

void check_gradient(const Problem& p, const VectorXd& x) {
  INFO(p.name << " at " << x.transpose());
  VectorXd grad(x.size());
  const double value = p.f(x, grad);
  const double error = (grad - central_differences(p, x)).lpNorm<Eigen::Infinity>();
  // Rounding of the values over the smallest step, and 1e-6 of the gradient.
  CHECK(error <= 1e-6 * grad.lpNorm<Eigen::Infinity>() + 1e-10 * (1 + std::abs(value)));
}

TEST_CASE("oracle second_order: gradients agree with central differences") {
  for (const Problem& p : all()) {
    check_gradient(p, p.start);
    for (unsigned seed = 1; seed <= 4; ++seed)
      check_gradient(p, p.start + normal(p.start.size(), seed, 0.1));
  }
}

TEST_CASE("oracle second_order: values at the published starts") {
  // By hand from the definitions of MGH: the residuals at the start are short numbers.
  const std::map<std::string, double> expected = {{"Rosenbrock, n = 2", 24.2},
                                                  {"Rosenbrock, n = 20", 242},
                                                  {"Brown badly scaled", 999998000003},
                                                  {"Beale", 14.203125},
                                                  {"helical valley", 2500},
                                                  {"Powell singular, n = 4", 215},
                                                  {"Wood", 19192},
                                                  {"Freudenstein and Roth", 400.5},
                                                  {"maximum entropy", std::log(5.0)}};
  std::size_t seen = 0;
  for (const Problem& p : all()) {
    const auto at = expected.find(p.name);
    if (at == expected.end()) continue;
    ++seen;
    INFO(p.name);
    VectorXd grad(p.start.size());
    CHECK(std::abs(p.f(p.start, grad) - at->second) <= 1e-11 * at->second);
  }
  CHECK(seen == expected.size());
}

TEST_CASE("oracle second_order: the minimum is one, and has the published value") {
  for (const Problem& p : all()) {
    INFO(p.name);
    const Index n = p.start.size();
    VectorXd grad(n);
    const double value = p.f(p.minimiser, grad);
    CHECK(std::abs(value - p.minimum) <= 1e-9);
    // Of SciPy's nine digits for the maximum-entropy problem the first five are right.
    const double least = p.name == "maximum entropy" ? 5e-7 : 1e-8;
    CHECK(grad.lpNorm<Eigen::Infinity>() <= least);
    CHECK(p.f(p.start, grad) > value);
    for (unsigned seed = 1; seed <= 20; ++seed) {
      const VectorXd near = p.minimiser + 1e-2 * normal(n, seed);
      CHECK(p.f(near, grad) >= value);
    }
  }
}

TEST_CASE("oracle second_order: the local minimum of Freudenstein and Roth") {
  const Problem p = freudenstein_roth();
  const double root = std::sqrt(22.0);
  const VectorXd x = detail::vector({(53 - 4 * root) / 3, (2 - root) / 3});
  VectorXd grad(2);
  CHECK(std::abs(p.f(x, grad) - kFreudensteinRothLocal) <= 1e-4);
  CHECK(grad.lpNorm<Eigen::Infinity>() <= 1e-10);
}

TEST_CASE("oracle second_order: outside of a domain") {
  const Problem p = log_barrier(VectorXd::Ones(2), std::nan(""));
  VectorXd grad(2);
  CHECK(std::isnan(p.f(detail::vector({1, 0}), grad)));
  CHECK(std::isnan(grad(0)));
}

TEST_CASE("oracle second_order: libLBFGS reaches the same minima") {
  std::ifstream file(KATA_SOURCE_DIR "/tests/fixtures/second_order/liblbfgs.tsv");
  REQUIRE(file);
  std::map<std::string, double> theirs;
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    std::string name, converged, iterations, evaluations, value;
    std::getline(fields, name, '\t');
    std::getline(fields, converged, '\t');
    if (converged != "1") continue;  // comments, the heading
    std::getline(fields, iterations, '\t');
    std::getline(fields, evaluations, '\t');
    std::getline(fields, value, '\t');
    theirs[name] = std::stod(value);
  }
  for (const Problem& p : published()) {
    INFO(p.name);
    REQUIRE(theirs.count(p.name) == 1);
    CHECK(std::abs(theirs[p.name] - p.minimum) <= 1e-7);
  }
  CHECK(std::abs(theirs["Freudenstein and Roth"] - kFreudensteinRothLocal) <= 1e-4);
}

TEST_CASE("oracle second_order: the inverse update is the inverse of the direct one") {
  // B+ = B - B s s^T B / s^T B s + y y^T / s^T y, from B = H^-1.
  const Index n = 6;
  MatrixXl h = MatrixXl::Identity(n, n) * 0.3L;
  for (unsigned seed = 1; seed <= 5; ++seed) {
    Pair pair{normal(n, seed), normal(n, 100 + seed)};
    pair.y += 3 * pair.s;
    REQUIRE(usable(pair, 1e-10));
    const VectorXl s = pair.s.cast<long double>(), y = pair.y.cast<long double>();
    const MatrixXl b = h.inverse();
    const VectorXl bs = b * s;
    const MatrixXl direct = b - bs * bs.transpose() / s.dot(bs) + y * y.transpose() / s.dot(y);
    h = bfgs_update(h, pair);
    CHECK((h * direct - MatrixXl::Identity(n, n)).norm() <= 1e-12L);
    CHECK((h * y - s).norm() <= 1e-15L * s.norm() * static_cast<long double>(n));
    CHECK((h - h.transpose()).norm() <= 1e-15L * h.norm());
  }
}

TEST_CASE("oracle second_order: unusable pairs take no part in H") {
  const Index n = 3;
  const Pair good{detail::vector({1, 0, 0}), detail::vector({2, 1, 0})};
  Pair negative = good;
  negative.y *= -1;
  Pair broken = good;
  broken.y(1) = std::nan("");
  CHECK(usable(good, 1e-10));
  CHECK_FALSE(usable(negative, 1e-10));
  CHECK_FALSE(usable(broken, 1e-10));
  const MatrixXl h = lbfgs_inverse_hessian(n, {good}, 1e-10);
  CHECK(lbfgs_inverse_hessian(n, {negative, good, broken}, 1e-10) == h);
  CHECK(lbfgs_inverse_hessian(n, {negative, broken}, 1e-10) == MatrixXl::Identity(n, n));
}

}  // namespace
}  // namespace oracle::second_order
