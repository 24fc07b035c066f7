// Refusals, deaths and budgets: what counts as an error that was asked for, and what never does.
#include <kata/test.hpp>
#include <stdexcept>
#include <type_traits>

#include "examiner/loss.hpp"
#include "kata/not_implemented.hpp"
#include "wire/codec.hpp"

namespace {

using kata::examiner::Cause;
using kata::examiner::Loss;
using kata::test::last_mismatch;
using kata::test::NamesArgument;
using kata::test::refusal;

bool names(const std::string& text, const std::string& argument) {
  const bool named = NamesArgument(argument).match(text);
  last_mismatch().clear();
  return named;
}

[[noreturn]] void die() {
  throw Loss{Cause::crashed, "adam_step crashed", "SIGSEGV", "adam_step"};
}

TEST_CASE("the refusal of a call is the text of its std::invalid_argument") {
  CHECK(refusal([] { throw std::invalid_argument("lr is negative"); }) == "lr is negative");
}

TEST_CASE("nothing thrown, or something else thrown, is no refusal") {
  CHECK(refusal([] {}) == "[nothing was thrown]");
  const std::string other = refusal([] { throw std::out_of_range("lr"); });
  CHECK(other.front() == '[');
  CHECK(other.find("lr") != std::string::npos);
  CHECK_FALSE(names(other, "lr"));
  CHECK_FALSE(names("[nothing was thrown]", "nothing"));
}

TEST_CASE("a refusal must name the argument as a word of its own") {
  CHECK(names("lr must be positive", "lr"));
  CHECK(names("the value of 'lr', -1, is negative", "lr"));
  CHECK(names("bad lr", "lr"));
  CHECK(names("lr", "lr"));
  CHECK(names("slr and lr", "lr"));
  CHECK(names("options.lr is negative", "lr"));
  CHECK_FALSE(names("slr", "lr"));
  CHECK_FALSE(names("lr_max is negative", "lr"));
  CHECK_FALSE(names("lr2", "lr"));
  CHECK_FALSE(names("the rate is negative", "lr"));
  CHECK_FALSE(names("LR is negative", "lr"));
  CHECK_FALSE(names("", "lr"));
}

TEST_CASE("what a refusal lacks is said with the argument and the text that came") {
  const NamesArgument matcher("gamma");
  CHECK_FALSE(matcher.match("beta is empty"));
  CHECK(last_mismatch() ==
        "expected std::invalid_argument with a text that names `gamma`, got the text \"beta is "
        "empty\"");
  CHECK_FALSE(matcher.match("[nothing was thrown]"));
  CHECK(last_mismatch() ==
        "expected std::invalid_argument with a text that names `gamma`, got [nothing was thrown]");
  last_mismatch().clear();
}

TEST_CASE("CHECK_REFUSES accepts the refusal that it asks for") {
  const auto step = [](double lr) -> double {
    if (!(lr > 0)) throw std::invalid_argument("lr must be positive");
    return lr;
  };
  CHECK_REFUSES(step(-1), "lr");
}

// Each of the following fails inside Catch2, and passes only because it fails.
TEST_CASE("CHECK_REFUSES fails where nothing is thrown", "[!shouldfail]") {
  CHECK_REFUSES(1 + 1, "lr");
}
TEST_CASE("CHECK_REFUSES fails where another argument is named", "[!shouldfail]") {
  CHECK_REFUSES(throw std::invalid_argument("eps is negative"), "lr");
}
TEST_CASE("CHECK_REFUSES fails where another error is thrown", "[!shouldfail]") {
  CHECK_REFUSES(throw std::domain_error("lr is negative"), "lr");
}
TEST_CASE("a death satisfies no CHECK_THROWS_AS std::exception", "[!shouldfail]") {
  CHECK_THROWS_AS(die(), std::exception);
}
TEST_CASE("a death satisfies no CHECK_THROWS_AS std::invalid_argument", "[!shouldfail]") {
  CHECK_THROWS_AS(die(), std::invalid_argument);
}
TEST_CASE("a death satisfies no CHECK_REFUSES, though its sentence names the argument",
          "[!shouldfail]") {
  CHECK_REFUSES(die(), "adam_step");
}
TEST_CASE("a missing answer satisfies no CHECK_THROWS_AS", "[!shouldfail]") {
  CHECK_THROWS_AS(throw kata::not_implemented(), std::exception);
}
TEST_CASE("a spent budget satisfies no CHECK_THROWS_AS", "[!shouldfail]") {
  CHECK_THROWS_AS(throw kata::test::BudgetSpent{1}, std::exception);
}

template <class T>
constexpr bool kStandsAlone = !std::is_convertible_v<T*, std::exception*> &&
                              !std::is_convertible_v<T, std::string> && std::is_class_v<T>;
static_assert(kStandsAlone<Loss>);
static_assert(kStandsAlone<kata::not_implemented>);
static_assert(kStandsAlone<kata::test::BudgetSpent>);
static_assert(kStandsAlone<kata::wire::Malformed>);
static_assert(kStandsAlone<kata::wire::CallbackShape>);

TEST_CASE("refusal lets a death through") {
  CHECK_THROWS_AS(refusal([] { die(); }), Loss);
}

// ---------------------------------------------------------------------------------------------

double half_square(kata::In<kata::Vectord> x, kata::Out<kata::Vectord> grad) {
  grad = x;
  return 0.5 * x.squaredNorm();
}

TEST_CASE("an objective that is counted computes what it computes alone") {
  kata::test::Counted counted(half_square, 10);
  const kata::Objective f = counted.function();
  const kata::Vectord x = kata::Vectord::LinSpaced(3, 1, 3);
  kata::Vectord grad = kata::Vectord::Zero(3);
  CHECK(f(x, grad) == 7);
  CHECK(grad == x);
  CHECK(counted.evaluations() == 1);
}

TEST_CASE("the evaluation after the last that is allowed ends the call, and is not counted") {
  kata::test::Counted counted(half_square, 2);
  const kata::Objective f = counted.function();
  kata::Vectord x = kata::Vectord::Zero(1);
  kata::Vectord grad = x;
  f(x, grad);
  CHECK_NOTHROW(f(x, grad));
  CHECK_THROWS_AS(f(x, grad), kata::test::BudgetSpent);
  CHECK_THROWS_AS(counted.function()(x, grad), kata::test::BudgetSpent);
  CHECK(counted.evaluations() == 2);
  counted.reset();
  CHECK(counted.evaluations() == 0);
  CHECK_NOTHROW(f(x, grad));
}

}  // namespace
