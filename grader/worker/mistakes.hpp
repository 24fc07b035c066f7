// What a mistakes.cpp is written with.
//
//     KATA_MISTAKES({"no-bias-correction",
//                    "You forgot to divide m and v by 1 - beta^t: the first steps come out too
//                    small.",
//                    "...the same in Chinese...",
//                    "typical slip"},
//                   {...})
//
//     ... if (!kata::mistake("no-bias-correction")) m_hat /= 1 - std::pow(beta1, t); ...
#pragma once

#include <kata/fields.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace kata {

struct Mistake {
  std::string id;      // kebab-case, names the misconception
  std::string en, zh;  // one or two sentences to the learner: what was done, what is right
  std::string origin;  // "erratum 41", a thread such as "pytorch/pytorch#22628", or "typical slip"
};
KATA_FIELDS(Mistake, id, en, zh, origin)

/// Whether the mistake of that id is to be made in this run. Exactly one is.
bool mistake(std::string_view id);

/// Defined by KATA_MISTAKES, asked by the worker.
std::vector<Mistake> mistakes();

}  // namespace kata

#define KATA_MISTAKES(...)                      \
  std::vector<kata::Mistake> kata::mistakes() { \
    return {__VA_ARGS__};                       \
  }
