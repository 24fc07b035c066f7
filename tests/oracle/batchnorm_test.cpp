// The oracle of batch normalisation: against PyTorch, against central differences, and the
// article's two answers to the same question against each other.
#include "oracle/batchnorm.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <map>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "check.hpp"

namespace oracle::batchnorm {
namespace {

using Eigen::Index;
using Real = long double;
using MatrixR = Matrix<Real>;
using VectorR = Vector<Real>;

/// One block of tests/fixtures/batchnorm/batchnorm.txt: made by PyTorch, see the file's head.
struct Case {
  Index rows = 0, cols = 0;
  Real eps = 0;
  std::map<std::string, std::vector<double>> tensors;

  MatrixR matrix(const std::string& name) const {
    return Eigen::Map<const Matrix<double>>(tensors.at(name).data(), rows, cols).cast<Real>();
  }
  VectorR vector(const std::string& name) const {
    return Eigen::Map<const Vector<double>>(tensors.at(name).data(), cols).cast<Real>();
  }
};

std::vector<Case> fixture() {
  std::ifstream in(std::string(KATA_SOURCE_DIR) + "/tests/fixtures/batchnorm/batchnorm.txt");
  if (!in) throw std::runtime_error("tests/fixtures/batchnorm/batchnorm.txt cannot be read");
  std::vector<Case> cases;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line.front() == '#') continue;
    std::istringstream words(line);
    std::string name;
    words >> name;
    if (name == "case") {
      double eps = 0;
      cases.emplace_back();
      words >> cases.back().rows >> cases.back().cols >> eps;
      cases.back().eps = Real{eps};
      continue;
    }
    for (double value = 0; words >> value;) cases.back().tensors[name].push_back(value);
  }
  return cases;
}

/// The largest difference beside the largest number expected.
template <class A, class B>
double relative_error(const A& got, const B& expected) {
  if (got.rows() != expected.rows() || got.cols() != expected.cols() || !got.allFinite())
    return std::numeric_limits<double>::infinity();
  return static_cast<double>((got - expected).cwiseAbs().maxCoeff() /
                             expected.cwiseAbs().maxCoeff());
}

MatrixR normal(Index rows, Index cols, unsigned seed) {
  std::mt19937_64 rng(seed);
  std::normal_distribution<double> draw;
  return MatrixR::NullaryExpr(rows, cols, [&] { return Real{draw(rng)}; });
}

TEST_CASE("forward and backward agree with PyTorch") {
  const std::vector<Case> cases = fixture();
  REQUIRE(cases.size() == 5);
  for (const Case& c : cases) {
    CAPTURE(c.rows, c.cols, c.eps);
    const MatrixR x = c.matrix("x");
    const VectorR gamma = c.vector("gamma");
    const auto f = forward<Real>(x, gamma, c.vector("beta"), c.eps);
    CHECK(relative_error(f.y, c.matrix("y")) <= 1e-11);
    CHECK(relative_error(f.mean, c.vector("mean")) <= 1e-11);
    CHECK(relative_error(f.inv_std, c.vector("inv_std")) <= 1e-11);

    const auto b = backward<Real>(c.matrix("dy"), x, gamma, c.eps);
    CHECK(relative_error(b.dgamma, c.vector("dgamma")) <= 1e-11);
    CHECK(relative_error(b.dbeta, c.vector("dbeta")) <= 1e-11);
    CHECK(relative_error(b.dx, c.matrix("dx")) <= 1e-11);
  }
}

TEST_CASE("backward is the slope of forward") {
  for (const Index rows : {1, 2, 3, 6}) {
    CAPTURE(rows);
    const MatrixR x = normal(rows, 4, 11), dy = normal(rows, 4, 12);
    const VectorR gamma = normal(4, 1, 13), beta = normal(4, 1, 14);
    const auto loss = [&](const MatrixR& at, const VectorR& g, const VectorR& b) {
      return forward<Real>(at, g, b, 0.1L).y.cwiseProduct(dy).sum();
    };
    const auto b = backward<Real>(dy, x, gamma, 0.1L);
    const Real h = 1e-6L;
    MatrixR dx(rows, 4);
    VectorR dgamma(4), dbeta(4);
    for (Index j = 0; j < 4; ++j) {
      const VectorR step = h * VectorR::Unit(4, j);
      dgamma(j) = (loss(x, gamma + step, beta) - loss(x, gamma - step, beta)) / (2 * h);
      dbeta(j) = (loss(x, gamma, beta + step) - loss(x, gamma, beta - step)) / (2 * h);
      for (Index i = 0; i < rows; ++i) {
        MatrixR up = x, down = x;
        up(i, j) += h;
        down(i, j) -= h;
        dx(i, j) = (loss(up, gamma, beta) - loss(down, gamma, beta)) / (2 * h);
      }
    }
    CHECK((dx - b.dx).cwiseAbs().maxCoeff() <= 1e-9L);
    CHECK((dgamma - b.dgamma).cwiseAbs().maxCoeff() <= 1e-9L);
    CHECK((dbeta - b.dbeta).cwiseAbs().maxCoeff() <= 1e-9L);
  }
}

TEST_CASE("in double the gradients are the same to 2^-45") {
  const MatrixR x = normal(40, 3, 21), dy = normal(40, 3, 22);
  const VectorR gamma = normal(3, 1, 23);
  const auto exact = backward<Real>(dy, x, gamma, 1e-5L);
  const auto b = backward<double>(dy.cast<double>(), x.cast<double>(), gamma.cast<double>(), 1e-5);
  CHECK(relative_error(b.dx.cast<Real>(), exact.dx) <= std::ldexp(1.0, -45));
  CHECK(relative_error(b.dgamma.cast<Real>(), exact.dgamma) <= std::ldexp(1.0, -45));
  CHECK(relative_error(b.dbeta.cast<Real>(), exact.dbeta) <= std::ldexp(1.0, -45));
}

// The article prints a program and, as its question 7, a formula. NOTES.md quotes these numbers.
TEST_CASE("the article's formula is wrong where its program is right") {
  double least = std::numeric_limits<double>::infinity(), largest = 0;
  for (unsigned seed = 0; seed < 20; ++seed) {
    const MatrixR x = normal(6, 4, 100 + seed), dy = normal(6, 4, 200 + seed);
    const VectorR gamma = normal(4, 1, 300 + seed);
    const auto b = backward<Real>(dy, x, gamma, 1e-5L);
    const auto f = forward<Real>(x, gamma, VectorR::Zero(4), 1e-5L);
    const Real m = 6;
    // The formula's three terms: through x_hat, through the mean, and through d variance / d mean,
    // which is -2/m times the sum of x - mean: zero.
    MatrixR by_formula(6, 4);
    for (Index i = 0; i < 6; ++i)
      for (Index j = 0; j < 4; ++j)
        by_formula(i, j) = dy(i, j) * gamma(j) * (f.inv_std(j) - f.inv_std(j) / m + 0);
    least = std::min(least, relative_error(by_formula, b.dx));
    largest = std::max(largest, relative_error(by_formula, b.dx));

    // The program, node by node (its lines 9 to 34).
    MatrixR by_program(6, 4);
    for (Index j = 0; j < 4; ++j) {
      const Eigen::Array<Real, Eigen::Dynamic, 1> xmu = x.col(j).array() - f.mean(j);
      const Eigen::Array<Real, Eigen::Dynamic, 1> dxhat = dy.col(j).array() * gamma(j);
      const Real ivar = f.inv_std(j), sqrtvar = 1 / ivar;
      const Real divar = (dxhat * xmu).sum();
      const Real dsqrtvar = -1 / (sqrtvar * sqrtvar) * divar;
      const Real dvar = 0.5L / sqrtvar * dsqrtvar;
      const Eigen::Array<Real, Eigen::Dynamic, 1> dx1 = dxhat * ivar + 2 * xmu * (dvar / m);
      by_program.col(j) = (dx1 - dx1.sum() / m).matrix();
    }
    CHECK(relative_error(by_program, b.dx) <= 1e-15);
  }
  CHECK(least > 0.2);
  CHECK(largest > 1);
}

}  // namespace
}  // namespace oracle::batchnorm
