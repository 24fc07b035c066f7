// Names the fields of a struct once, so that it can be sent to the process that runs an answer.
//
//     struct Options { double lr = 1e-3; bool nesterov = false; };
//     KATA_FIELDS(Options, lr, nesterov)
//
// All fields, in the order of their declaration. Nothing here matters to an answer.
#pragma once

#include <tuple>

#define KATA_PARENS ()
#define KATA_EXPAND(...) KATA_EXPAND2(KATA_EXPAND2(KATA_EXPAND2(KATA_EXPAND2(__VA_ARGS__))))
#define KATA_EXPAND2(...) KATA_EXPAND1(KATA_EXPAND1(KATA_EXPAND1(KATA_EXPAND1(__VA_ARGS__))))
#define KATA_EXPAND1(...) __VA_ARGS__
#define KATA_MEMBER(Type, name, ...) \
  &Type::name __VA_OPT__(, KATA_MEMBER_AGAIN KATA_PARENS(Type, __VA_ARGS__))
#define KATA_MEMBER_AGAIN() KATA_MEMBER

#define KATA_FIELDS(Type, ...)                                           \
  [[maybe_unused]] constexpr auto kata_fields(const Type*) {             \
    return std::make_tuple(KATA_EXPAND(KATA_MEMBER(Type, __VA_ARGS__))); \
  }
