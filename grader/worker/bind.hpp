// Makes functions callable over the wire: argument and result types are read off the signature.
//
// A binding lists the functions of one exercise (the builder generates it from the manifest):
//
//     const Entry entries[] = {bind<&::optimizers::adam::adam_step>("adam_step")};
//     const std::size_t entry_count = 1;
//     const MistakeTable mistake_table = nullptr;
#pragma once

#include <cstddef>
#include <functional>
#include <tuple>
#include <type_traits>
#include <utility>

#include "wire/codec.hpp"
#include "worker/mistakes.hpp"

namespace kata::worker {

/// The worker's end of the socket while a call is running.
class Channel {
 public:
  /// Sends a callback's arguments and returns the bytes of its answer.
  static std::vector<std::byte> call_back(std::uint32_t which, const wire::Writer& arguments);
};

struct Entry {
  const char* name;
  void (*call)(wire::Reader& arguments, const wire::Arenas& arenas, wire::Writer& reply);
};
extern const Entry entries[];
extern const std::size_t entry_count;

using MistakeTable = std::vector<Mistake> (*)();
extern const MistakeTable mistake_table;

namespace detail {

template <class F>
struct Callback;

template <class R, class... A>
struct Callback<std::function<R(A...)>> {
  static std::function<R(A...)> make(std::uint32_t which) {
    return [which](A... arguments) -> R {
      wire::Writer w;
      (put<A>(w, arguments), ...);
      const std::vector<std::byte> answer = Channel::call_back(which, w);
      wire::Reader r(answer);
      if constexpr (std::is_void_v<R>) {
        (take_back<A>(r, arguments), ...);
      } else {
        R result = wire::take_value<R>(r);
        (take_back<A>(r, arguments), ...);
        return result;
      }
    };
  }

 private:
  template <class A_>
  static void put(wire::Writer& w, const std::remove_cvref_t<A_>& argument) {
    using T = std::remove_cvref_t<A_>;
    if constexpr (wire::View<T>)
      wire::put_view_inline(w, argument);
    else
      wire::put_value(w, argument);
  }
  template <class A_>
  static void take_back(wire::Reader& r, const std::remove_cvref_t<A_>& argument) {
    using T = std::remove_cvref_t<A_>;
    if constexpr (wire::View<T>) {
      using Traits = wire::ViewTraits<T>;
      if constexpr (!Traits::read_only) {
        const auto size = static_cast<std::size_t>(Traits::extents(argument).size());
        std::vector<typename Traits::Scalar> copy(size);
        if (size != 0)
          std::memcpy(copy.data(), r.take(size * sizeof(copy[0])), size * sizeof(copy[0]));
        T view = argument;
        Traits::copy_in(view, copy.data());
      }
    }
  }
};

/// A function takes a place of its own among the callbacks of its call; everything else is decoded.
template <class T>
T take(wire::Reader& r, const wire::Arenas& arenas, std::uint32_t& callbacks) {
  if constexpr (wire::IsFunction<T>::value)
    return Callback<T>::make(callbacks++);
  else
    return wire::take_argument<T>(r, arenas);
}

template <class A>
void put_back(wire::Writer& w, std::remove_cvref_t<A>& argument) {
  constexpr bool by_reference =
      std::is_lvalue_reference_v<A> && !std::is_const_v<std::remove_reference_t<A>>;
  if constexpr (by_reference) wire::put_changed(w, argument);
}

template <auto F>
struct Bound;

template <class R, class... A, R (*F)(A...)>
struct Bound<F> {
  static void call(wire::Reader& r, const wire::Arenas& arenas, wire::Writer& reply) {
    std::uint32_t callbacks = 0;
    // Braces: the arguments are decoded from left to right.
    std::tuple<std::remove_cvref_t<A>...> arguments{
        take<std::remove_cvref_t<A>>(r, arenas, callbacks)...};
    std::apply(
        [&](auto&... each) {
          try {
            if constexpr (std::is_void_v<R>)
              F(static_cast<A>(each)...);
            else
              wire::put_value<std::remove_cvref_t<R>>(reply, F(static_cast<A>(each)...));
          } catch (...) {
            // A refusal must have changed nothing: the tests look, so what it changed is sent.
            reply.clear();
            (put_back<A>(reply, each), ...);
            throw;
          }
          (put_back<A>(reply, each), ...);
        },
        arguments);
  }
};

}  // namespace detail

template <auto F>
constexpr Entry bind(const char* name) {
  return {name, &detail::Bound<F>::call};
}

}  // namespace kata::worker
