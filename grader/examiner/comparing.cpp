// The test API but for its generator: comparisons, refusals, counting.
#include <kata/test.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>

namespace kata::test {

namespace {

std::string number(long double x) {
  std::array<char, 64> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.9Lg", x);
  return buffer.data();
}

std::string shape_words(const std::vector<Index>& shape) {
  if (shape.empty()) return "a single number";
  std::string text;
  for (const Index n : shape) text += (text.empty() ? "" : " x ") + std::to_string(n);
  return shape.size() == 1 ? text + (shape[0] == 1 ? " entry" : " entries") : text;
}

/// "(2, 0)": the place of the flat index i, row-major.
std::string place(std::size_t i, const std::vector<Index>& shape) {
  std::string text;
  auto rest = static_cast<Index>(i);
  for (std::size_t d = shape.size(); d-- > 0;) {
    text = std::to_string(rest % shape[d]) + (text.empty() ? "" : ", ") + text;
    rest /= shape[d];
  }
  return shape.empty() ? "" : "(" + text + ")";
}

/// In the positive form: a NaN is never close.
bool close(long double got, long double expected, long double tolerance) {
  if (std::isnan(expected)) return std::isnan(got);
  if (std::isinf(expected)) return got == expected;
  return std::isfinite(got) && std::fabs(got - expected) <= tolerance;
}

}  // namespace

std::string shape_text(Eigen::Index rows, Eigen::Index cols) {
  return std::to_string(rows) + " x " + std::to_string(cols) + " numbers";
}
std::string shape_text(const kata::Shape& s) {
  return std::to_string(s.n) + " x " + std::to_string(s.c) + " x " + std::to_string(s.h) + " x " +
         std::to_string(s.w) + " numbers";
}

std::string& last_mismatch() {
  static std::string text;
  return text;
}

Index uniform_int(Index low, Index high) {
  return std::uniform_int_distribution<Index>(low, high)(rng());
}

std::string difference(const Numbers& got, const Numbers& expected, const Tolerance& tolerance) {
  // A column is a vector, whichever way its owner wrote it down.
  const auto plain = [](std::vector<Index> shape) {
    if (shape.size() == 2 && shape[1] == 1) shape.pop_back();
    return shape;
  };
  const std::vector<Index> shape = plain(expected.shape);
  if (plain(got.shape) != shape)
    return "expected " + shape_words(shape) + ", got " + shape_words(plain(got.shape));
  if (!tolerance.per_element.empty() && tolerance.per_element.size() != expected.at.size())
    return "(the test itself is wrong: its tolerance has another size than what it expects)";

  std::size_t first = 0;
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < expected.at.size(); ++i) {
    long double allowed = static_cast<long double>(tolerance.atol) +
                          static_cast<long double>(tolerance.rtol) * std::fabs(expected.at[i]);
    if (!tolerance.per_element.empty())
      allowed += static_cast<long double>(tolerance.per_element[i]);
    if (close(got.at[i], expected.at[i], allowed)) continue;
    if (wrong++ == 0) first = i;
  }
  if (wrong == 0) return "";
  std::string text = place(first, shape);
  text += (text.empty() ? "" : ": ") + std::string("expected ") + number(expected.at[first]) +
          ", got " + number(got.at[first]);
  if (expected.at.size() > 1)
    text += " (" + std::to_string(wrong) + " of " + std::to_string(expected.at.size()) +
            " numbers differ)";
  return text;
}

std::string refusal(const std::function<void()>& call) {
  try {
    call();
  } catch (const std::invalid_argument& e) {
    return e.what();
  } catch (const std::exception& e) {
    return "[another exception was thrown, with the text: " + std::string(e.what()) + "]";
  }
  return "[nothing was thrown]";
}

bool NamesArgument::match(const std::string& text) const {
  const auto letter = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
  };
  bool named = false;
  if (text.empty() || text.front() != '[') {
    for (std::size_t at = text.find(argument_); at != std::string::npos;
         at = text.find(argument_, at + 1)) {
      const std::size_t end = at + argument_.size();
      named = named ||
              ((at == 0 || !letter(text[at - 1])) && (end == text.size() || !letter(text[end])));
    }
  }
  text_ = text;
  if (!named) last_mismatch() = describe();
  return named;
}

std::string NamesArgument::describe() const {
  return "expected std::invalid_argument with a text that names `" + argument_ + "`, got " +
         (text_.empty() || text_.front() != '[' ? "the text \"" + text_ + "\"" : text_);
}

Objective Counted::function() {
  return [this](In<Vectord> x, Out<Vectord> grad) {
    if (evaluations_ >= cap_) throw BudgetSpent{cap_};
    ++evaluations_;
    return f_(x, grad);
  };
}

}  // namespace kata::test
