// The hidden tests. Expected values are the chain rule in long double at x itself
// (solutions/oracle/batchnorm.hpp); the answer gets the cache of that x, rounded to float.
#include <algorithm>
#include <cmath>
#include <kata/test.hpp>
#include <limits>

#include "batchnorm/backward/subject.hpp"
#include "oracle/batchnorm.hpp"

namespace batchnorm::backward {
namespace {

using kata::Index;
using kata::Matrixf;
using kata::Vectorf;
using kata::test::is_close_to;
using kata::test::is_equal_to;
using kata::test::normal;
using kata::test::normal_matrix;
using kata::test::Tolerance;
using Real = long double;
using Matrixl = oracle::batchnorm::Matrix<Real>;
using Vectorl = oracle::batchnorm::Vector<Real>;

/// What a forward pass at x leaves, and the gradient that comes back to it.
struct Batch {
  Matrixf x;
  double eps;
  Matrixf dy;
  Vectorf gamma;
  Matrixf x_hat = {};
  Vectorf inv_std = {};
};

Batch cached(Batch b) {
  const Vectorl zero = Vectorl::Zero(b.x.cols());
  const auto f = oracle::batchnorm::forward<Real>(b.x.cast<Real>(), zero, zero, Real{b.eps});
  b.x_hat = f.x_hat.cast<float>();
  b.inv_std = f.inv_std.cast<float>();
  return b;
}

/// Numbers with few bits: sums of a few, and products with powers of two, are exact.
Matrixf coarse(Index n, Index d) {
  return (normal_matrix<Matrixf>(n, d).array() * 256).round() / 256;
}

/// x and dy far from mean zero, gamma of both signs and of any size.
Batch draw(Index n, Index d, double eps, double deviation = 1.5) {
  return cached({.x = normal_matrix<Matrixf>(n, d, 0.7, deviation),
                 .eps = eps,
                 .dy = coarse(n, d).array() + 0.75f,
                 .gamma = normal<Vectorf>(d, 0, 2)});
}

struct Gradients {
  Matrixf dx;
  Vectorf dgamma, dbeta;
};

/// Calls the answer with outputs that hold NaN.
Gradients answer(const Batch& b) {
  Gradients g{Matrixf(b.dy.rows(), b.dy.cols()), Vectorf(b.dy.cols()), Vectorf(b.dy.cols())};
  kata::test::poison(g.dx);
  kata::test::poison(g.dgamma);
  kata::test::poison(g.dbeta);
  subject.batchnorm_backward(b.dy, b.x_hat, b.gamma, b.inv_std, g.dx, g.dgamma, g.dbeta);
  return g;
}

oracle::batchnorm::Backward<Real> definition(const Batch& b) {
  return oracle::batchnorm::backward<Real>(b.dy.cast<Real>(), b.x.cast<Real>(),
                                           b.gamma.cast<Real>(), Real{b.eps});
}

/// The bounds of backward.hpp, one number an element.
struct Bounds {
  Eigen::ArrayXXd dx;
  Eigen::ArrayXd dgamma, dbeta;
};

Bounds rounding(const Batch& b) {
  const double u = std::ldexp(1.0, -24), n = static_cast<double>(b.dy.rows());
  const Eigen::ArrayXXd dy = b.dy.cast<double>().array().abs();
  const Eigen::ArrayXXd x_hat = b.x_hat.cast<double>().array().abs();
  const Eigen::ArrayXd scale = (b.gamma.array() * b.inv_std.array()).abs().cast<double>();
  const Eigen::ArrayXd mean_dy = dy.colwise().mean();
  const Eigen::ArrayXd mean_dy_x_hat = (dy * x_hat).colwise().mean();
  const Eigen::ArrayXd mean_x_hat = x_hat.colwise().mean();
  Bounds bounds{dy, u * (n + 4) * n * mean_dy_x_hat, u * (n + 4) * n * mean_dy};
  for (Index j = 0; j < dy.cols(); ++j) {
    bounds.dx.col(j) = u * scale(j) *
                       (16 * dy.col(j) + (n + 16) * (mean_dy(j) + (x_hat.col(j) + mean_x_hat(j)) *
                                                                      mean_dy_x_hat(j)));
  }
  return bounds;
}

/// Row-major, as arrays are compared.
template <class Array>
Tolerance within(const Array& bounds) {
  Tolerance tolerance;
  for (Index i = 0; i < bounds.rows(); ++i)
    for (Index j = 0; j < bounds.cols(); ++j) tolerance.per_element.push_back(bounds(i, j));
  return tolerance;
}

void check_against_definition(const Batch& b) {
  CAPTURE(b.dy.rows(), b.dy.cols(), b.eps);
  const auto expected = definition(b);
  const Bounds bounds = rounding(b);
  const auto [dx, dgamma, dbeta] = answer(b);
  CHECK_THAT(dx, is_close_to(expected.dx, within(bounds.dx)));
  CHECK_THAT(dgamma, is_close_to(expected.dgamma, within(bounds.dgamma)));
  CHECK_THAT(dbeta, is_close_to(expected.dbeta, within(bounds.dbeta)));
}

/// The loss whose gradient with respect to y is dy.
Real loss(const Batch& b, const Matrixl& x, const Vectorl& gamma, const Vectorl& beta) {
  const auto f = oracle::batchnorm::forward<Real>(x, gamma, beta, Real{b.eps});
  return (b.dy.cast<Real>().array() * f.y.array()).sum();
}

// ---------------------------------------------------------------------------------------------

TEST_CASE("agrees with the definition when the batch has three rows", "[hidden][definition]") {
  check_against_definition(draw(3, 5, 0.1));
}

TEST_CASE("agrees with the definition for batches tall and wide", "[hidden][definition]") {
  check_against_definition(draw(33, 7, 1e-5));
  check_against_definition(draw(7, 34, 1e-3));
  check_against_definition(draw(9, 150, 1e-5));
  check_against_definition(draw(130, 1, 0.1));
}

TEST_CASE("is the slope of the forward pass", "[hidden][definition]") {
  const Batch b = draw(4, 3, 0.1);
  const Matrixl x = b.x.cast<Real>();
  const Vectorl gamma = b.gamma.cast<Real>(), beta = Vectorl::Ones(3);
  // Central differences in long double: both their errors are below 1e-10.
  const Real h = 1e-6L;
  Matrixl slope_x(4, 3);
  Vectorl slope_gamma(3), slope_beta(3);
  for (Index j = 0; j < 3; ++j) {
    const Vectorl step = h * Vectorl::Unit(3, j);
    slope_gamma(j) = (loss(b, x, gamma + step, beta) - loss(b, x, gamma - step, beta)) / (2 * h);
    slope_beta(j) = (loss(b, x, gamma, beta + step) - loss(b, x, gamma, beta - step)) / (2 * h);
    for (Index i = 0; i < 4; ++i) {
      Matrixl up = x, down = x;
      up(i, j) += h;
      down(i, j) -= h;
      slope_x(i, j) = (loss(b, up, gamma, beta) - loss(b, down, gamma, beta)) / (2 * h);
    }
  }
  const Bounds bounds = rounding(b);
  const auto [dx, dgamma, dbeta] = answer(b);
  CHECK_THAT(dx, is_close_to(slope_x, within(bounds.dx + 1e-9)));
  CHECK_THAT(dgamma, is_close_to(slope_gamma, within(bounds.dgamma + 1e-9)));
  CHECK_THAT(dbeta, is_close_to(slope_beta, within(bounds.dbeta + 1e-9)));
}

TEST_CASE("agrees with the definition when eps outweighs the variance", "[hidden][definition]") {
  check_against_definition(draw(6, 4, 0.5, 0.2));
  check_against_definition(draw(5, 8, 10, 1));
}

TEST_CASE("is linear in the upstream gradient", "[hidden][definition]") {
  Batch b = draw(5, 6, 0.1);
  const Gradients first = answer(b);
  Bounds bounds = rounding(b);
  const Matrixf before = b.dy;
  b.dy = coarse(5, 6);
  const Gradients second = answer(b);
  const Bounds more = rounding(b);
  b.dy = before / 2 - 4 * b.dy;
  const Bounds most = rounding(b);
  const auto [dx, dgamma, dbeta] = answer(b);
  CHECK_THAT(dx, is_close_to(first.dx.cast<Real>() / 2 - 4 * second.dx.cast<Real>(),
                             within(bounds.dx / 2 + 4 * more.dx + most.dx)));
  CHECK_THAT(dgamma, is_close_to(first.dgamma.cast<Real>() / 2 - 4 * second.dgamma.cast<Real>(),
                                 within(bounds.dgamma / 2 + 4 * more.dgamma + most.dgamma)));
  CHECK_THAT(dbeta, is_close_to(first.dbeta.cast<Real>() / 2 - 4 * second.dbeta.cast<Real>(),
                                within(bounds.dbeta / 2 + 4 * more.dbeta + most.dbeta)));
}

TEST_CASE("gamma multiplies dx once, and nothing else", "[hidden][gamma]") {
  Batch b = draw(6, 5, 0.1);
  const Gradients before = answer(b);
  const Bounds bounds = rounding(b);
  // Powers of two: scaling by them is exact.
  Vectorf factor(5);
  factor << -2, 0.25f, 8, -1, 0;
  b.gamma = b.gamma.cwiseProduct(factor);
  const auto [dx, dgamma, dbeta] = answer(b);
  const Matrixf scaled = before.dx * factor.asDiagonal();
  Eigen::ArrayXXd allowed = 2 * bounds.dx;
  for (Index j = 0; j < 5; ++j) allowed.col(j) *= std::fabs(static_cast<double>(factor(j)));
  CHECK_THAT(dx, is_close_to(scaled, within(allowed)));
  CHECK_THAT(dgamma, is_close_to(before.dgamma, within(2 * bounds.dgamma)));
  CHECK_THAT(dbeta, is_close_to(before.dbeta, within(2 * bounds.dbeta)));
}

TEST_CASE("agrees with the definition when gamma is large, small, negative and zero",
          "[hidden][gamma]") {
  Batch b = draw(7, 6, 0.1);
  b.gamma << 300, 1e-3f, -40, 0, -1, 1;
  check_against_definition(b);
}

TEST_CASE("dx sums to zero over the batch", "[hidden][mean_path]") {
  const Batch b = draw(11, 6, 1e-3);
  const Vectorl column_sums = answer(b).dx.cast<Real>().colwise().sum();
  const Eigen::ArrayXd allowed = rounding(b).dx.colwise().sum();
  CHECK_THAT(column_sums, is_close_to(Vectorl(Vectorl::Zero(6)), within(allowed)));
}

TEST_CASE("an upstream gradient that is the same for every row gives no dx",
          "[hidden][mean_path]") {
  Batch b = draw(10, 4, 0.1);
  Vectorf level(4);
  level << 3, -0.5f, 40, 1;
  b.dy = level.transpose().replicate(10, 1);
  const Bounds bounds = rounding(b);
  const auto [dx, dgamma, dbeta] = answer(b);
  CHECK_THAT(dx, is_close_to(Matrixf(Matrixf::Zero(10, 4)), within(bounds.dx)));
  CHECK_THAT(dgamma, is_close_to(Vectorf(Vectorf::Zero(4)), within(bounds.dgamma)));
  CHECK_THAT(dbeta, is_close_to(Vectorf(10 * level), within(bounds.dbeta)));
}

TEST_CASE("what eps leaves of dx along x_hat", "[hidden][orthogonality]") {
  // sum_i dx x_hat = gamma inv_std dgamma (1 - mean x_hat^2), and 1 - mean x_hat^2 = eps inv_std^2:
  // dx is orthogonal to x_hat as eps goes to zero, and only then.
  for (const double eps : {1e-7, 0.4}) {
    CAPTURE(eps);
    const Batch b = draw(8, 5, eps);
    const Matrixl x_hat = b.x_hat.cast<Real>();
    const Eigen::Array<Real, Eigen::Dynamic, 1> inv_std = b.inv_std.cast<Real>();
    const Vectorl expected =
        b.gamma.cast<Real>().array() * inv_std.cube() * Real{eps} * definition(b).dgamma.array();
    const Vectorl along_x_hat = answer(b).dx.cast<Real>().cwiseProduct(x_hat).colwise().sum();
    const Eigen::ArrayXd allowed =
        (2 * rounding(b).dx * x_hat.array().abs().cast<double>()).colwise().sum();
    CHECK_THAT(along_x_hat, is_close_to(expected, within(allowed)));
  }
}

TEST_CASE("an upstream gradient along x_hat keeps the share that eps has in the variance",
          "[hidden][orthogonality]") {
  for (const double eps : {1e-7, 2.0}) {
    CAPTURE(eps);
    Batch b = draw(9, 4, eps);
    b.dy = 2 * b.x_hat;
    const Matrixl expected =
        (2 * Real{eps} * b.gamma.cast<Real>().array() * b.inv_std.cast<Real>().array().cube())
            .matrix()
            .asDiagonal() *
        b.x_hat.cast<Real>().transpose();
    const auto dx = answer(b).dx;
    CHECK_THAT(dx, is_close_to(Matrixl(expected.transpose()), within(2 * rounding(b).dx)));
  }
}

TEST_CASE("the same batch twice over doubles the sums and leaves dx as it was",
          "[hidden][dgamma_dbeta]") {
  Batch b = draw(4, 7, 0.1);
  const Gradients once = answer(b);
  const Bounds bounds = rounding(b);
  b.dy = b.dy.replicate(2, 1).eval();
  b.x_hat = b.x_hat.replicate(2, 1).eval();
  const Bounds twice = rounding(b);
  const auto [dx, dgamma, dbeta] = answer(b);
  CHECK_THAT(dgamma,
             is_close_to(Vectorf(2 * once.dgamma), within(2 * bounds.dgamma + twice.dgamma)));
  CHECK_THAT(dbeta, is_close_to(Vectorf(2 * once.dbeta), within(2 * bounds.dbeta + twice.dbeta)));
  CHECK_THAT(dx, is_close_to(Matrixf(once.dx.replicate(2, 1)),
                             within(bounds.dx.replicate(2, 1) + twice.dx)));
}

TEST_CASE("dgamma and dbeta, and nothing of what the outputs held before",
          "[hidden][dgamma_dbeta]") {
  const Batch b = draw(6, 9, 0.1);
  const auto expected = definition(b);
  const Bounds bounds = rounding(b);
  Matrixf dx = normal_matrix<Matrixf>(6, 9, 100);
  Vectorf dgamma = normal<Vectorf>(9, 100), dbeta = normal<Vectorf>(9, -100);
  subject.batchnorm_backward(b.dy, b.x_hat, b.gamma, b.inv_std, dx, dgamma, dbeta);
  CHECK_THAT(dgamma, is_close_to(expected.dgamma, within(bounds.dgamma)));
  CHECK_THAT(dbeta, is_close_to(expected.dbeta, within(bounds.dbeta)));
  CHECK_THAT(dx, is_close_to(expected.dx, within(bounds.dx)));
}

TEST_CASE("rows in another order give the same rows of dx", "[hidden][inputs]") {
  Batch b = draw(7, 5, 0.1);
  const Gradients before = answer(b);
  const Bounds bounds = rounding(b);
  Eigen::PermutationMatrix<Eigen::Dynamic> order(7);
  order.setIdentity();
  std::shuffle(order.indices().begin(), order.indices().end(), kata::test::rng());
  b.dy = order * b.dy;
  b.x_hat = order * b.x_hat;
  const auto [dx, dgamma, dbeta] = answer(b);
  CHECK_THAT(dx, is_close_to(Matrixf(order * before.dx), within(2 * rounding(b).dx)));
  CHECK_THAT(dgamma, is_close_to(before.dgamma, within(2 * bounds.dgamma)));
  CHECK_THAT(dbeta, is_close_to(before.dbeta, within(2 * bounds.dbeta)));
}

TEST_CASE("a NaN stays in its column", "[hidden][inputs]") {
  Batch b = draw(5, 4, 0.1);
  auto expected = definition(b);
  const Bounds bounds = rounding(b);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  b.dy(2, 1) = nan;
  expected.dx.col(1).setConstant(Real{nan});
  expected.dgamma(1) = expected.dbeta(1) = Real{nan};
  const auto [dx, dgamma, dbeta] = answer(b);
  CHECK_THAT(dx, is_close_to(expected.dx, within(bounds.dx)));
  CHECK_THAT(dgamma, is_close_to(expected.dgamma, within(bounds.dgamma)));
  CHECK_THAT(dbeta, is_close_to(expected.dbeta, within(bounds.dbeta)));
}

TEST_CASE("a column in which all values are equal", "[hidden][inputs]") {
  Batch b = draw(6, 3, 1e-5);
  b.x.col(1).setConstant(3);
  check_against_definition(cached(b));
}

TEST_CASE("batches of one and of two rows", "[hidden][inputs]") {
  check_against_definition(draw(1, 4, 0.1));
  check_against_definition(draw(2, 5, 0.1));
  check_against_definition(draw(2, 1, 1e-5));
}

TEST_CASE("a batch without features is fine", "[hidden][inputs]") {
  const auto [dx, dgamma, dbeta] = answer(draw(4, 0, 0.1));
  CHECK(dx.size() == 0);
  CHECK(dgamma.size() + dbeta.size() == 0);
}

TEST_CASE("data and gradients far from zero", "[hidden][stability]") {
  Batch b = draw(12, 5, 1e-5);
  b.x = normal_matrix<Matrixf>(12, 5, 1e4);
  b.dy = normal_matrix<Matrixf>(12, 5, -1e3);
  check_against_definition(cached(b));
}

TEST_CASE("tiny and huge upstream gradients", "[hidden][stability]") {
  const Batch b = draw(5, 3, 0.1);
  for (const int exponent : {-90, 90}) {
    Batch scaled = b;
    scaled.dy *= std::ldexp(1.0f, exponent);
    check_against_definition(scaled);
  }
}

TEST_CASE("thousands of rows, thousands of features", "[hidden][stability]") {
  check_against_definition(draw(4099, 6, 1e-5));
  check_against_definition(draw(5, 2051, 1e-5));
}

TEST_CASE("an array of another shape is refused by its name", "[hidden][contract]") {
  const Batch b = draw(3, 4, 0.1);
  const auto refused = [&](const char* argument, Index x_hat_rows, Index x_hat_cols, Index gamma,
                           Index inv_std, Index dx_rows, Index dx_cols, Index dgamma, Index dbeta) {
    Matrixf dx = Matrixf::Constant(dx_rows, dx_cols, 5);
    Vectorf dg = Vectorf::Constant(dgamma, 6), db = Vectorf::Constant(dbeta, 7);
    const Matrixf x_hat = Matrixf::Zero(x_hat_rows, x_hat_cols);
    const Vectorf g = Vectorf::Ones(gamma), s = Vectorf::Ones(inv_std);
    CHECK_REFUSES(subject.batchnorm_backward(b.dy, x_hat, g, s, dx, dg, db), argument);
    CHECK((dx.array() == 5).all());
    CHECK((dg.array() == 6).all());
    CHECK((db.array() == 7).all());
  };
  refused("x_hat", 2, 4, 4, 4, 3, 4, 4, 4);
  refused("x_hat", 3, 5, 4, 4, 3, 4, 4, 4);
  refused("x_hat", 4, 3, 4, 4, 3, 4, 4, 4);
  refused("gamma", 3, 4, 3, 4, 3, 4, 4, 4);
  refused("inv_std", 3, 4, 4, 5, 3, 4, 4, 4);
  refused("dx", 3, 4, 4, 4, 4, 4, 4, 4);
  refused("dx", 3, 4, 4, 4, 4, 3, 4, 4);
  refused("dgamma", 3, 4, 4, 4, 3, 4, 1, 4);
  refused("dbeta", 3, 4, 4, 4, 3, 4, 4, 0);
  check_against_definition(b);  // and one that fits is not
}

TEST_CASE("a refused call has written nothing", "[hidden][contract]") {
  const Batch b = draw(3, 4, 0.1);
  const Matrixf dx_before = normal_matrix<Matrixf>(3, 4);
  const Vectorf before = normal<Vectorf>(4), other = normal<Vectorf>(5);
  Matrixf dx = dx_before;
  Vectorf dgamma = before, dbeta = before;
  CHECK_REFUSES(subject.batchnorm_backward(b.dy, b.x_hat, b.gamma, other, dx, dgamma, dbeta),
                "inv_std");
  Vectorf longer = other;
  CHECK_REFUSES(subject.batchnorm_backward(b.dy, b.x_hat, b.gamma, b.inv_std, dx, dgamma, longer),
                "dbeta");
  CHECK_THAT(dx, is_equal_to(dx_before));
  CHECK_THAT(dgamma, is_equal_to(before));
  CHECK_THAT(dbeta, is_equal_to(before));
  CHECK_THAT(longer, is_equal_to(other));
}

TEST_CASE("a batch without rows is refused", "[hidden][contract]") {
  const Matrixf none(0, 4);
  Matrixf dx(0, 4);
  Vectorf ones = Vectorf::Ones(4), dgamma(4), dbeta(4);
  CHECK_REFUSES(subject.batchnorm_backward(none, none, ones, ones, dx, dgamma, dbeta), "dy");
}

TEST_CASE("a batch with neither rows nor features is refused", "[hidden][inputs]") {
  const Matrixf none(0, 0);
  Matrixf dx(0, 0);
  Vectorf nothing(0), dgamma(0), dbeta(0);
  CHECK_REFUSES(subject.batchnorm_backward(none, none, nothing, nothing, dx, dgamma, dbeta), "dy");
}

// ---------------------------------------------------------------------------------------------

/// Uniform numbers, which are cheap to draw, and in the first columns what is hard.
struct Timed : kata::test::SpeedCase {
  explicit Timed(const kata::test::Sizes& sizes)
      : n(static_cast<Index>(sizes.at("n"))), d(static_cast<Index>(sizes.at("features"))) {
    Batch raw{Matrixf(n, d), 1e-5, Matrixf(n, d), Vectorf(d)};
    kata::test::fill_uniform(raw.x, -2, 3);
    kata::test::fill_uniform(raw.dy, -1, 1.5);
    kata::test::fill_uniform(raw.gamma, -2, 2);
    raw.x.col(0).setConstant(3);    // no variance
    raw.x.col(1).array() += 1e4f;   // far from zero
    raw.dy.col(2).array() += 1e3f;  // almost all of it is taken off again
    raw.dy.col(3) *= std::ldexp(1.0f, -80);
    raw.gamma(4) = 0;
    const oracle::batchnorm::Vector<double> zero = oracle::batchnorm::Vector<double>::Zero(d);
    const auto f = oracle::batchnorm::forward<double>(raw.x.cast<double>(), zero, zero, raw.eps);
    raw.x_hat = f.x_hat.cast<float>();
    raw.inv_std = f.inv_std.cast<float>();
    batch = std::move(raw);
    got = {Matrixf::Zero(n, d), Vectorf::Zero(d), Vectorf::Zero(d)};
    kata::test::poison(got.dx);
    kata::test::poison(got.dgamma);
    kata::test::poison(got.dbeta);
  }
  void call() override {
    subject.batchnorm_backward(batch.dy, batch.x_hat, batch.gamma, batch.inv_std, got.dx,
                               got.dgamma, got.dbeta);
  }
  void check() override {
    // In double: its rounding is 2^-29 of what is allowed.
    const auto expected = oracle::batchnorm::backward<double>(
        batch.dy.cast<double>(), batch.x.cast<double>(), batch.gamma.cast<double>(), batch.eps);
    const Bounds bounds = rounding(batch);
    CHECK_THAT(got.dx, is_close_to(expected.dx, within(bounds.dx)));
    CHECK_THAT(got.dgamma, is_close_to(expected.dgamma, within(bounds.dgamma)));
    CHECK_THAT(got.dbeta, is_close_to(expected.dbeta, within(bounds.dbeta)));
  }
  /// dy and x_hat are read, dx is written, four vectors beside them.
  double bytes() const override { return 4.0 * static_cast<double>(3 * n * d + 4 * d); }
  /// A sum, a product and a sum; two differences and two products for dx.
  double flops() const override { return 7.0 * static_cast<double>(n * d); }

  Index n, d;
  Batch batch;
  Gradients got;
};
KATA_SPEED(Timed)

}  // namespace
}  // namespace batchnorm::backward
