// Junk: answers that compute nothing. No exercise may pass any of them, and a property that one of
// them satisfies earns no points by itself. `kata dev check` examines them as the variants
// "junk:...".
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "examiner/junk_names.hpp"
#include "wire/codec.hpp"

namespace kata::examiner {

/// "junk:zeros" and so on; nothing for every other variant.
inline std::optional<Junk> junk_of(const std::string& variant) {
  for (std::size_t i = 0; i < junk_names().size(); ++i)
    if (variant == "junk:" + junk_names()[i]) return static_cast<Junk>(i);
  return std::nullopt;
}

namespace detail {

using Values = std::vector<double>;

/// Calls visit(view) for each view in an argument, those inside structs included.
template <class T, class Visit>
void each_view(T& argument, const Visit& visit) {
  if constexpr (wire::View<std::remove_const_t<T>>) {
    visit(argument);
  } else if constexpr (wire::Struct<std::remove_const_t<T>>) {
    std::apply([&](auto... m) { (each_view(argument.*m, visit), ...); },
               kata_fields(static_cast<const std::remove_const_t<T>*>(nullptr)));
  }
}

template <class V>
Values values_of(const V& view) {
  using Traits = wire::ViewTraits<V>;
  std::vector<typename Traits::Scalar> copy(static_cast<std::size_t>(Traits::extents(view).size()));
  Traits::copy_out(view, copy.data());
  return Values(copy.begin(), copy.end());
}

template <class V>
void fill(const V& view, Junk junk, const std::vector<Values>& inputs, const Values& previous) {
  using Traits = wire::ViewTraits<V>;
  using Scalar = typename Traits::Scalar;
  if constexpr (!Traits::read_only) {
    const auto size = static_cast<std::size_t>(Traits::extents(view).size());
    std::vector<Scalar> filled(size, Scalar{0});
    const auto take = [&](const Values& from) {
      for (std::size_t i = 0; i < size && !from.empty(); ++i)
        filled[i] = static_cast<Scalar>(from[i % from.size()]);
    };
    if (junk == Junk::nan) filled.assign(size, std::numeric_limits<Scalar>::quiet_NaN());
    if (junk == Junk::previous) take(previous);
    if (junk == Junk::input)
      for (const Values& input : inputs)
        if (input.size() == size || &input == &inputs.back()) {
          take(input);
          break;
        }
    V writable = view;
    Traits::copy_in(writable, filled.data());
  }
}

}  // namespace detail

/// Answers a call with junk.
template <class R, class... A>
R junk_answer(Junk junk, A&... arguments) {
  if (junk == Junk::throws) throw std::invalid_argument("junk");
  if (junk != Junk::nothing) {
    static detail::Values previous;  // one for each signature: what the last call was given
    std::vector<detail::Values> inputs;
    (detail::each_view(arguments,
                       [&](const auto& view) {
                         if (wire::ViewTraits<std::remove_cvref_t<decltype(view)>>::read_only)
                           inputs.push_back(detail::values_of(view));
                       }),
     ...);
    (detail::each_view(arguments,
                       [&](const auto& view) { detail::fill(view, junk, inputs, previous); }),
     ...);
    if (!inputs.empty()) previous = inputs.front();
  }
  if constexpr (!std::is_void_v<R>) return R{};
}

}  // namespace kata::examiner
