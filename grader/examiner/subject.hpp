// `subject.<function>(...)`: looks like the function itself, is answered by the worker.
//
// <topic>/<name>/subject.hpp is generated from the manifest's functions and holds one Function for
// each, of the very type that the exercise's header declares.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include "examiner/examination.hpp"
#include "examiner/junk.hpp"
#include "wire/codec.hpp"

namespace kata::examiner {

/// Answers one callback: reads its arguments, writes its result.
using CallbackHandler =
    std::function<void(wire::Reader&, wire::Writer&, const std::vector<wire::Extents>& shapes)>;

namespace detail {

template <class R, class... A>
CallbackHandler handler(const std::function<R(A...)>& f) {
  return [&f](wire::Reader& r, wire::Writer& w, const std::vector<wire::Extents>& shapes) {
    // Braces: decoded from left to right.
    auto storage = std::tuple{wire::CallbackArgument<A>::take(r, shapes)...};
    r.finish();
    std::apply(
        [&](auto&... each) {
          if constexpr (std::is_void_v<R>)
            f(wire::CallbackArgument<A>::pass(each)...);
          else
            wire::put_value<std::remove_cvref_t<R>>(w, f(wire::CallbackArgument<A>::pass(each)...));
          (wire::CallbackArgument<A>::put_back(w, each), ...);
        },
        storage);
  };
}

}  // namespace detail

/// How a call ended: the bytes of its results, and what it threw, if it did.
struct Outcome {
  std::vector<std::byte> bytes;
  bool threw = false;
  std::uint32_t thrown = 0;  // a wire::Thrown
};

/// Sends one call and serves its callbacks until the reply is there. Throws Loss.
Outcome exchange(Worker& worker, std::uint32_t function, const std::string& name,
                 const wire::Arguments& arguments, const std::vector<CallbackHandler>& callbacks);

/// Copies the outputs back after checking that nothing around them was touched.
void collect_outputs(const wire::Arguments& arguments, const std::string& name);

template <class F>
class Function;

template <class R, class... A>
class Function<R (*)(A...)> {
 public:
  Function(const char* name, std::uint32_t index) : name_(name), index_(index) {}

  R operator()(A... arguments) const {
    Examination& examination = Examination::current();
    if (examination.junk()) return junk_answer<R>(*examination.junk(), arguments...);
    Worker& worker = examination.worker(name_);
    wire::Arguments out(worker.arenas());
    std::vector<CallbackHandler> callbacks;
    try {
      (put(out, callbacks, arguments), ...);
    } catch (const wire::Arguments::TooLarge& e) {
      examination.lose({Cause::grader_fault,
                        "the arguments need " + std::to_string(e.needed >> 20) +
                            " MiB, more than the " + std::to_string(e.available >> 20) +
                            " MiB of shared memory",
                        "", name_});
    }
    const Outcome outcome = exchange(worker, index_, name_, out, callbacks);
    collect_outputs(out, name_);
    wire::Reader reply(outcome.bytes);
    std::string text;
    try {
      if (outcome.threw) {
        // A refusal must have left everything alone: the tests look at what it changed.
        text = wire::take_value<std::string>(reply);
        (take_back<A>(reply, arguments), ...);
        reply.finish();
        examination.remember(out, numbers_of(arguments...));
        examination.remember_thrown(outcome.thrown);
      } else if constexpr (std::is_void_v<R>) {
        (take_back<A>(reply, arguments), ...);
        reply.finish();
        examination.remember(out, numbers_of(arguments...));
      } else {
        R result = wire::take_value<std::remove_cvref_t<R>>(reply);
        (take_back<A>(reply, arguments), ...);
        reply.finish();
        std::vector<double> numbers = numbers_of(arguments...);
        wire::append_numbers(numbers, result);
        examination.remember(out, std::move(numbers));
        return result;
      }
    } catch (const wire::Malformed& e) {
      examination.lose({Cause::broken_reply, std::string(name_) + ": " + e.what, "", name_});
    }
    if constexpr (std::is_void_v<R>) {
      if (!outcome.threw) return;
    }
    examination.rethrow(outcome.thrown, text, name_);
  }

 private:
  template <class T>
  static void put(wire::Arguments& out, std::vector<CallbackHandler>& callbacks,
                  const T& argument) {
    if constexpr (wire::IsFunction<T>::value)
      callbacks.push_back(detail::handler(argument));
    else
      wire::put_argument(out, argument);
  }
  /// What the call changed beside its views.
  static std::vector<double> numbers_of(const std::remove_cvref_t<A>&... arguments) {
    std::vector<double> numbers;
    (append_changed<A>(numbers, arguments), ...);
    return numbers;
  }
  template <class P, class T>
  static void append_changed(std::vector<double>& numbers, const T& argument) {
    if constexpr (std::is_lvalue_reference_v<P> && !std::is_const_v<std::remove_reference_t<P>>)
      wire::append_numbers(numbers, argument);
  }
  template <class P, class T>
  static void take_back(wire::Reader& r, T& argument) {
    constexpr bool by_reference =
        std::is_lvalue_reference_v<P> && !std::is_const_v<std::remove_reference_t<P>>;
    if constexpr (by_reference) wire::take_changed(r, argument);
  }

  const char* name_;
  std::uint32_t index_;
};

}  // namespace kata::examiner
