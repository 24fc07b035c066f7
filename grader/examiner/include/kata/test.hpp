// What public and hidden tests are written with: Catch2 (2.13 and 3 alike), seeded random inputs,
// comparisons that state their tolerance, refusals, and timed cases.
//
// A test calls `subject.<function>(...)`, from the generated <topic>/<name>/subject.hpp: the call
// is answered by a sandboxed process that runs the answer under test.
#pragma once

#include <Eigen/Core>
#include <cmath>
#include <cstdint>
#include <functional>
#include <kata/arrays.hpp>
#include <kata/tensor.hpp>
#include <limits>
#include <map>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "examiner/catch.hpp"

namespace kata::test {

// ---------------------------------------------------------------------------------------------
// Random inputs

using Rng = std::mt19937_64;

/// This test case's generator: seeded from the secret seed and the test's name, the same in every
/// replay. Fresh for each run of the test case (and of each of its sections).
Rng& rng();

/// A whole number in [low, high].
Index uniform_int(Index low, Index high);

namespace detail {
template <class A>
auto* data_of(A& a) {
  return a.data();
}
template <class F>
void fill(float* data, Index size, F draw) {
  for (Index i = 0; i < size; ++i) data[i] = static_cast<float>(draw());
}
template <class F>
void fill(double* data, Index size, F draw) {
  for (Index i = 0; i < size; ++i) data[i] = static_cast<double>(draw());
}
}  // namespace detail

/// Fills an owning Eigen array, a Tensor or a std::vector with normal numbers.
template <class A>
void fill_normal(A& a, double mean = 0, double deviation = 1) {
  std::normal_distribution<double> draw(mean, deviation);
  detail::fill(a.data(), static_cast<Index>(a.size()), [&] { return draw(rng()); });
}
template <class A>
void fill_uniform(A& a, double low, double high) {
  std::uniform_real_distribution<double> draw(low, high);
  detail::fill(a.data(), static_cast<Index>(a.size()), [&] { return draw(rng()); });
}
/// NaN everywhere: what outputs hold before a call.
template <class A>
void poison(A& a) {
  for (Index i = 0; i < static_cast<Index>(a.size()); ++i)
    a.data()[i] = std::numeric_limits<std::remove_reference_t<decltype(a.data()[0])>>::quiet_NaN();
}

template <class A>
A normal(Index rows, double mean = 0, double deviation = 1) requires(A::ColsAtCompileTime == 1) {
  A a(rows);
  fill_normal(a, mean, deviation);
  return a;
}
template <class A>
A normal_matrix(Index rows, Index cols, double mean = 0, double deviation = 1) {
  A a(rows, cols);
  fill_normal(a, mean, deviation);
  return a;
}
template <class T>
Tensor<T> normal_tensor(Shape shape, double mean = 0, double deviation = 1) {
  Tensor<T> t(shape);
  fill_normal(t, mean, deviation);
  return t;
}

// ---------------------------------------------------------------------------------------------
// Comparing

/// |got - expected| <= atol + rtol * |expected|, element by element; `per_element`, when not empty,
/// is added to atol: an error model evaluated by the oracle, one number an element.
struct Tolerance {
  double atol = 0;
  double rtol = 0;
  std::vector<double> per_element = {};
};

/// Numbers of any of our arrays, in row-major (NCHW) order, with their shape.
struct Numbers {
  std::vector<long double> at;
  std::vector<Index> shape;  // empty: a single number

  Numbers(double x) : at{x} {}       // NOLINT(google-explicit-constructor)
  Numbers(float x) : at{x} {}        // NOLINT(google-explicit-constructor)
  Numbers(long double x) : at{x} {}  // NOLINT(google-explicit-constructor)
  template <class D>
  Numbers(const Eigen::DenseBase<D>& a) {  // NOLINT(google-explicit-constructor)
    if (a.cols() == 1 && D::ColsAtCompileTime == 1)
      shape = {a.rows()};
    else
      shape = {a.rows(), a.cols()};
    at.reserve(static_cast<std::size_t>(a.size()));
    for (Index i = 0; i < a.rows(); ++i)
      for (Index j = 0; j < a.cols(); ++j)
        at.push_back(static_cast<long double>(a.derived()(i, j)));
  }
  template <class T>
  Numbers(TensorView<T> t)  // NOLINT(google-explicit-constructor)
      : at(t.data(), t.data() + t.size()), shape{t.n(), t.c(), t.h(), t.w()} {}
  template <class T>
  Numbers(const Tensor<T>& t) : Numbers(t.view()) {}  // NOLINT(google-explicit-constructor)
  template <class T>
  Numbers(const std::vector<T>& v)  // NOLINT(google-explicit-constructor)
      : at(v.begin(), v.end()), shape{static_cast<Index>(v.size())} {}
};

/// What the last matcher of ours that failed had to say; the reporter takes it (and empties it).
std::string& last_mismatch();

/// One sentence about the first difference, or nothing. Checks shape, then that every number is
/// finite where the expected one is, then the tolerance in the form error <= tolerance, so that a
/// NaN is never close. A value expected to be NaN or infinite must be just that.
std::string difference(const Numbers& got, const Numbers& expected, const Tolerance& tolerance);

/// CHECK_THAT(theta, is_close_to(expected, {.atol = 1e-6}));
class IsCloseTo : public MatcherBase {
 public:
  IsCloseTo(Numbers expected, Tolerance tolerance)
      : expected_(std::move(expected)), tolerance_(std::move(tolerance)) {}
  template <class A>
  bool match(const A& got) const {
    text_ = difference(Numbers(got), expected_, tolerance_);
    if (!text_.empty()) last_mismatch() = text_;
    return text_.empty();
  }
  std::string describe() const override { return text_; }

 private:
  Numbers expected_;
  Tolerance tolerance_;
  mutable std::string text_;
};
inline IsCloseTo is_close_to(Numbers expected, Tolerance tolerance) {
  return {std::move(expected), std::move(tolerance)};
}
/// Every bit of the value the same (but for the sign of zero).
inline IsCloseTo is_equal_to(Numbers expected) {
  return {std::move(expected), {}};
}

// ---------------------------------------------------------------------------------------------
// Refusals

/// What the call threw: the text of a std::invalid_argument; otherwise a sentence in brackets.
std::string refusal(const std::function<void()>& call);

/// Whether the text of a refusal names the argument, as a word of its own.
class NamesArgument : public MatcherBase {
 public:
  explicit NamesArgument(std::string argument) : argument_(std::move(argument)) {}
  bool match(const std::string& text) const;
  std::string describe() const override;

 private:
  std::string argument_;
  mutable std::string text_;
};

/// The call must throw std::invalid_argument, with a text that names `argument`.
#define CHECK_REFUSES(call, argument)                                 \
  CHECK_THAT(::kata::test::refusal([&] { static_cast<void>(call); }), \
             ::kata::test::NamesArgument(argument))

// ---------------------------------------------------------------------------------------------
// Objectives that are called back

/// Counts the evaluations of an objective, caps them, and can be handed to the subject.
class Counted {
 public:
  Counted(Objective f, int cap) : f_(std::move(f)), cap_(cap) {}
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  /// Valid while this object lives. One evaluation too many throws BudgetSpent, which ends the
  /// call.
  Objective function();
  int evaluations() const { return evaluations_; }
  void reset() { evaluations_ = 0; }

 private:
  Objective f_;
  int cap_;
  int evaluations_ = 0;
};
/// Derives from nothing: it fails the test, whatever the test catches.
struct BudgetSpent {
  int cap;
};

// ---------------------------------------------------------------------------------------------
// Timed cases

using Sizes = std::map<std::string, double>;  // one of the manifest's speed.cases

/// One timed call: its own inputs and outputs, made before the clock starts and checked after it
/// stopped. Register it with KATA_SPEED; it is made several times for each of the manifest's cases.
///
///     struct Step : kata::test::SpeedCase {
///       explicit Step(const kata::test::Sizes& sizes);   // draws its inputs from rng()
///       void call() override { subject.adam_step(theta, grad, state, options); }
///       void check() override { CHECK_THAT(theta, is_close_to(...)); }
///       double bytes() const override;   // least memory traffic of one call; 0: not the limit
///       double flops() const override;   // least arithmetic of one call; 0: not the limit
///     };
///     KATA_SPEED(Step)
class SpeedCase {
 public:
  SpeedCase() = default;
  SpeedCase(const SpeedCase&) = delete;
  SpeedCase& operator=(const SpeedCase&) = delete;
  virtual ~SpeedCase() = default;
  /// Exactly one call of a function of `subject`.
  virtual void call() = 0;
  /// Holds the outputs of call() against the oracle, with hard values among the inputs.
  virtual void check() = 0;
  virtual double bytes() const { return 0; }
  virtual double flops() const { return 0; }
};

using SpeedFactory = std::function<std::unique_ptr<SpeedCase>(const Sizes&)>;
bool register_speed(SpeedFactory factory);

#define KATA_SPEED(Type)                                                                   \
  [[maybe_unused]] const bool kata_speed_registered_##Type = ::kata::test::register_speed( \
      [](const ::kata::test::Sizes& sizes) -> std::unique_ptr<::kata::test::SpeedCase> {   \
        return std::make_unique<Type>(sizes);                                              \
      });

}  // namespace kata::test
