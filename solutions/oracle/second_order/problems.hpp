// Unconstrained problems with known optima: value and gradient in double, start, minimum.
//
// MGH n: problem n of J. J. More, B. S. Garbow, K. E. Hillstrom, "Testing Unconstrained
// Optimization Software", ACM TOMS 7 (1981), with its start and its published minimum; f is the sum
// of the squared residuals. Every gradient is held against central differences, and every minimum
// against its gradient, in tests/oracle/second_order_test.cpp.
#pragma once

#include <Eigen/Core>
#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

namespace oracle::second_order {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// f(x, grad) returns the value at x and writes the gradient: a kata::Objective.
using Function = std::function<double(const Eigen::Ref<const VectorXd>&, Eigen::Ref<VectorXd>)>;

struct Problem {
  std::string name;
  Function f;
  VectorXd start;
  VectorXd minimiser;  // one of them
  double minimum = 0;  // the value there
};

namespace detail {

/// From residuals r and their Jacobian: the value r.r, and the gradient 2 J^T r.
inline double sum_of_squares(const VectorXd& r, const MatrixXd& jacobian,
                             Eigen::Ref<VectorXd> grad) {
  grad = 2 * jacobian.transpose() * r;
  return r.squaredNorm();
}

inline VectorXd vector(std::initializer_list<double> entries) {
  VectorXd v(static_cast<Index>(entries.size()));
  Index i = 0;
  for (const double entry : entries) v(i++) = entry;
  return v;
}

}  // namespace detail

/// MGH 1, and MGH 21 for even n > 2: (10 (x_2 - x_1^2), 1 - x_1) for every two variables. From
/// (-1.2, 1, ...) to 0 at (1, ..., 1).
inline Problem rosenbrock(Index n = 2) {
  Problem p;
  p.name = "Rosenbrock, n = " + std::to_string(n);
  p.f = [](const Eigen::Ref<const VectorXd>& x, Eigen::Ref<VectorXd> grad) {
    double value = 0;
    for (Index i = 0; i + 1 < x.size(); i += 2) {
      const double a = x(i + 1) - x(i) * x(i);
      const double b = 1 - x(i);
      value += 100 * a * a + b * b;
      grad(i) = -400 * a * x(i) - 2 * b;
      grad(i + 1) = 200 * a;
    }
    return value;
  };
  p.start.resize(n);
  for (Index i = 0; i < n; ++i) p.start(i) = i % 2 == 0 ? -1.2 : 1.0;
  p.minimiser = VectorXd::Ones(n);
  return p;
}

/// MGH 2. From (0.5, -2), where descent methods end in the local minimum 48.9842... at
/// (11.41..., -0.8968...); the global one is 0 at (5, 4).
inline Problem freudenstein_roth() {
  Problem p;
  p.name = "Freudenstein and Roth";
  p.f = [](const Eigen::Ref<const VectorXd>& x, Eigen::Ref<VectorXd> grad) {
    const double b = x(1);
    const VectorXd r =
        detail::vector({-13 + x(0) + ((5 - b) * b - 2) * b, -29 + x(0) + ((b + 1) * b - 14) * b});
    MatrixXd j(2, 2);
    j << 1, 10 * b - 3 * b * b - 2, 1, 3 * b * b + 2 * b - 14;
    return detail::sum_of_squares(r, j, grad);
  };
  p.start = detail::vector({0.5, -2});
  p.minimiser = detail::vector({5, 4});
  return p;
}
inline constexpr double kFreudensteinRothLocal = 48.9842;  // MGH's second minimum, as published

/// MGH 3. (1e4 x_1 x_2 - 1, exp(-x_1) + exp(-x_2) - 1.0001), from (0, 1) to 0 at
/// (1.098...e-5, 9.106...).
inline Problem powell_badly_scaled() {
  Problem p;
  p.name = "Powell badly scaled";
  p.f = [](const Eigen::Ref<const VectorXd>& x, Eigen::Ref<VectorXd> grad) {
    const double ea = std::exp(-x(0)), eb = std::exp(-x(1));
    const VectorXd r = detail::vector({1e4 * x(0) * x(1) - 1, ea + eb - 1.0001});
    MatrixXd j(2, 2);
    j << 1e4 * x(1), 1e4 * x(0), -ea, -eb;
    return detail::sum_of_squares(r, j, grad);
  };
  p.start = detail::vector({0, 1});
  // The published (1.098e-5, 9.106), polished: x_1 = 1e-4 / x_2 solves the first equation.
  double b = 9.106;
  for (int i = 0; i < 50; ++i) b = -std::log(1.0001 - std::exp(-1e-4 / b));
  p.minimiser = detail::vector({1e-4 / b, b});
  return p;
}

/// MGH 4. (x_1 - 1e6, x_2 - 2e-6, x_1 x_2 - 2), from (1, 1) to 0 at (1e6, 2e-6).
inline Problem brown_badly_scaled() {
  Problem p;
  p.name = "Brown badly scaled";
  p.f = [](const Eigen::Ref<const VectorXd>& x, Eigen::Ref<VectorXd> grad) {
    const VectorXd r = detail::vector({x(0) - 1e6, x(1) - 2e-6, x(0) * x(1) - 2});
    MatrixXd j(3, 2);
    j << 1, 0, 0, 1, x(1), x(0);
    return detail::sum_of_squares(r, j, grad);
  };
  p.start = detail::vector({1, 1});
  p.minimiser = detail::vector({1e6, 2e-6});
  return p;
}

/// MGH 5. y_i - x_1 (1 - x_2^i) with y = (1.5, 2.25, 2.625), from (1, 1) to 0 at (3, 0.5).
inline Problem beale() {
  Problem p;
  p.name = "Beale";
  p.f = [](const Eigen::Ref<const VectorXd>& x, Eigen::Ref<VectorXd> grad) {
    const double y[3] = {1.5, 2.25, 2.625};
    VectorXd r(3);
    MatrixXd j(3, 2);
    double power = 1;  // x_2^(i-1)
    for (Index i = 0; i < 3; ++i) {
      r(i) = y[i] - x(0) * (1 - power * x(1));
      j(i, 0) = -(1 - power * x(1));
      j(i, 1) = x(0) * static_cast<double>(i + 1) * power;
      power *= x(1);
    }
    return detail::sum_of_squares(r, j, grad);
  };
  p.start = detail::vector({1, 1});
  p.minimiser = detail::vector({3, 0.5});
  return p;
}

/// MGH 7. A valley that winds once around the axis: (10 (x_3 - 10 angle), 10 (radius - 1), x_3),
/// the angle in turns, from (-1, 0, 0) to 0 at (1, 0, 0).
inline Problem helical_valley() {
  Problem p;
  p.name = "helical valley";
  p.f = [](const Eigen::Ref<const VectorXd>& x, Eigen::Ref<VectorXd> grad) {
    const double turn = 2 * std::numbers::pi;
    // MGH's branch: from -1/4 to 3/4 of a turn, with its jump on the half axis below the origin.
    double angle = std::atan2(x(1), x(0)) / turn;
    if (angle < -0.25) angle += 1;
    const double square = x(0) * x(0) + x(1) * x(1);
    const double radius = std::sqrt(square);
    const VectorXd r = detail::vector({10 * (x(2) - 10 * angle), 10 * (radius - 1), x(2)});
    MatrixXd j(3, 3);
    j << 100 * x(1) / (turn * square), -100 * x(0) / (turn * square), 10,  //
        10 * x(0) / radius, 10 * x(1) / radius, 0,                         //
        0, 0, 1;
    return detail::sum_of_squares(r, j, grad);
  };
  p.start = detail::vector({-1, 0, 0});
  p.minimiser = detail::vector({1, 0, 0});
  return p;
}

/// MGH 13, n a multiple of 4 (MGH 22): the Hessian at the minimum is singular. From (3, -1, 0, 1,
/// ...) to 0 at the origin.
inline Problem powell_singular(Index n = 4) {
  Problem p;
  p.name = "Powell singular, n = " + std::to_string(n);
  p.f = [](const Eigen::Ref<const VectorXd>& x, Eigen::Ref<VectorXd> grad) {
    double value = 0;
    for (Index i = 0; i + 3 < x.size(); i += 4) {
      const double a = x(i) + 10 * x(i + 1), b = x(i + 2) - x(i + 3);
      const double c = x(i + 1) - 2 * x(i + 2), d = x(i) - x(i + 3);
      value += a * a + 5 * b * b + std::pow(c, 4) + 10 * std::pow(d, 4);
      const double c3 = 4 * c * c * c, d3 = 40 * d * d * d;
      grad(i) = 2 * a + d3;
      grad(i + 1) = 20 * a + c3;
      grad(i + 2) = 10 * b - 2 * c3;
      grad(i + 3) = -10 * b - d3;
    }
    return value;
  };
  const double start[4] = {3, -1, 0, 1};
  p.start.resize(n);
  for (Index i = 0; i < n; ++i) p.start(i) = start[i % 4];
  p.minimiser = VectorXd::Zero(n);
  return p;
}

/// MGH 14, from (-3, -1, -3, -1) to 0 at (1, 1, 1, 1). It has a saddle on the way, near f = 7.88.
inline Problem wood() {
  Problem p;
  p.name = "Wood";
  p.f = [](const Eigen::Ref<const VectorXd>& x, Eigen::Ref<VectorXd> grad) {
    const double a = x(1) - x(0) * x(0), b = 1 - x(0);
    const double c = x(3) - x(2) * x(2), d = 1 - x(2);
    const double e = x(1) + x(3) - 2, g = x(1) - x(3);
    grad(0) = -400 * a * x(0) - 2 * b;
    grad(1) = 200 * a + 20 * e + 0.2 * g;
    grad(2) = -360 * c * x(2) - 2 * d;
    grad(3) = 180 * c + 20 * e - 0.2 * g;
    return 100 * a * a + b * b + 90 * c * c + d * d + 10 * e * e + 0.1 * g * g;
  };
  p.start = detail::vector({-3, -1, -3, -1});
  p.minimiser = VectorXd::Ones(4);
  return p;
}

/// The maximum-entropy problem of A. L. Berger, S. Della Pietra, V. Della Pietra, "A Maximum
/// Entropy Approach to Natural Language Processing", Computational Linguistics 22 (1996), as
/// SciPy's tests pose it (scipy/optimize/tests/test_optimize.py): log(sum exp(F x)) - K.x from 0 to
/// (0, -0.524869316, 0.487525860), of which 2e-6 are wrong. SciPy allows its L-BFGS-B 7
/// evaluations.
inline Problem maximum_entropy() {
  Problem p;
  p.name = "maximum entropy";
  p.f = [](const Eigen::Ref<const VectorXd>& x, Eigen::Ref<VectorXd> grad) {
    MatrixXd features(5, 3);
    features << 1, 1, 1, 1, 1, 0, 1, 0, 1, 1, 0, 0, 1, 0, 0;
    const VectorXd targets = detail::vector({1, 0.3, 0.5});
    const VectorXd scores = features * x;
    const double largest = scores.maxCoeff();
    const VectorXd weights = (scores.array() - largest).exp();
    grad = features.transpose() * (weights / weights.sum()) - targets;
    return largest + std::log(weights.sum()) - targets.dot(x);
  };
  p.start = VectorXd::Zero(3);
  p.minimiser = detail::vector({0, -0.524869316, 0.487525860});
  VectorXd grad(3);
  p.minimum = p.f(p.minimiser, grad);
  return p;
}

/// 1/2 (x - c)^T A (x - c) with the eigenvalues 1 .. condition, in geometric progression, in a
/// basis that two reflections turn: A = Q diag(eigenvalues) Q. `u` and `c` have one entry a
/// variable.
inline Problem quadratic(const VectorXd& u, const VectorXd& c, double condition) {
  const Index n = c.size();
  VectorXd eigenvalues(n);
  for (Index i = 0; i < n; ++i)
    eigenvalues(i) = n == 1
                         ? condition
                         : std::pow(condition, static_cast<double>(i) / static_cast<double>(n - 1));
  const VectorXd axis = u.normalized();
  Problem p;
  p.name = "quadratic, n = " + std::to_string(n);
  p.f = [axis, c, eigenvalues](const Eigen::Ref<const VectorXd>& x, Eigen::Ref<VectorXd> grad) {
    const VectorXd from_centre = x - c;
    const VectorXd turned = from_centre - 2 * axis * axis.dot(from_centre);
    const VectorXd stretched = eigenvalues.cwiseProduct(turned);
    grad = stretched - 2 * axis * axis.dot(stretched);
    return 0.5 * turned.dot(stretched);
  };
  p.start = VectorXd::Zero(n);
  p.minimiser = c;
  return p;
}

/// Sum of log(1 + (x_i - c_i)^2): the loss of the Cauchy distribution, which outliers hardly move.
/// Concave where |x_i - c_i| > 1: steps from far away have s.y < 0.
inline Problem cauchy_loss(const VectorXd& c, const VectorXd& start) {
  Problem p;
  p.name = "Cauchy loss, n = " + std::to_string(c.size());
  p.f = [c](const Eigen::Ref<const VectorXd>& x, Eigen::Ref<VectorXd> grad) {
    const VectorXd t = x - c;
    grad = 2 * t.array() / (1 + t.array().square());
    return t.array().square().log1p().sum();
  };
  p.start = start;
  p.minimiser = c;
  return p;
}

/// Sum of x_i - log(x_i), from `start` > 0 to n at (1, ..., 1). Outside of its domain, x > 0, it
/// returns `outside` (NaN or an infinity), and leaves NaN in the gradient.
inline Problem log_barrier(const VectorXd& start, double outside) {
  Problem p;
  p.name = "log barrier, n = " + std::to_string(start.size());
  p.f = [outside](const Eigen::Ref<const VectorXd>& x, Eigen::Ref<VectorXd> grad) {
    if (!(x.minCoeff() > 0)) {
      grad.setConstant(std::numeric_limits<double>::quiet_NaN());
      return outside;
    }
    grad = 1 - x.array().inverse();
    return (x.array() - x.array().log()).sum();
  };
  p.start = start;
  p.minimiser = VectorXd::Ones(start.size());
  p.minimum = static_cast<double>(start.size());
  return p;
}

/// The problems of fixed start that a good minimiser solves, those of More, Garbow and Hillstrom
/// first.
inline std::vector<Problem> published() {
  return {rosenbrock(),         rosenbrock(20), powell_badly_scaled(),
          brown_badly_scaled(), beale(),        helical_valley(),
          powell_singular(),    wood(),         maximum_entropy()};
}

}  // namespace oracle::second_order
