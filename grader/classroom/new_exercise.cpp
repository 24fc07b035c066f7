#include "classroom/new_exercise.hpp"

#include <algorithm>
#include <utility>

#include "classroom/progress.hpp"

namespace kata::classroom {

namespace {

namespace fs = std::filesystem;

/// Every @topic@, @name@ and @space@ replaced.
std::string filled(std::string text, const std::string& topic, const std::string& name) {
  const std::pair<std::string, std::string> words[] = {{"@topic@", topic}, {"@name@", name}};
  for (const auto& [word, value] : words)
    for (std::size_t at = text.find(word); at != std::string::npos;
         at = text.find(word, at + value.size()))
      text.replace(at, word.size(), value);
  return text;
}

constexpr const char* kTopic = R"({
  "title": "@topic@",
  "title_zh": "",
  "order": 1000
}
)";

constexpr const char* kManifest = R"({
  "title": "@name@",
  "title_zh": "@name@",
  "order": 1000,
  "level": 2,
  "minutes": 15,
  "paths": {},
  "points": {"correctness": 8, "speed": 0},
  "source": {"section": "", "questions": [], "errata": []},
  "functions": ["@name@"],
  "given": [],
  "prerequisites": [],
  "hints": [
    {"en": "The idea.", "zh": "思路。"},
    {"en": "The formula.", "zh": "公式。"},
    {"en": "The shape of the code.", "zh": "代码的轮廓。"}
  ],
  "limits": {"seconds": 2, "megabytes": 256},
  "speed": null
}
)";

constexpr const char* kHeader = R"(// What this computes, in one line.
//
// Source: author, title, year, equation.
#pragma once

#include <kata/arrays.hpp>

namespace @topic@::@name@ {

/// What the call does to its arguments.
///
/// Shapes    x, y: (n), n >= 0.
/// Errors    std::invalid_argument, naming the argument, if y has another size than x.
/// Accuracy  float: within 4 units in the last place.
void @name@(kata::In<kata::Vectorf> x, kata::Out<kata::Vectorf> y);

}  // namespace @topic@::@name@
)";

constexpr const char* kStub = R"(#include "@topic@/@name@/@name@.hpp"

#include <kata/not_implemented.hpp>

namespace @topic@::@name@ {

// A line of contract. The statement is in README.md.
void @name@(kata::In<kata::Vectorf> x, kata::Out<kata::Vectorf> y) {
  (void)x, (void)y;
  throw kata::not_implemented();
}

}  // namespace @topic@::@name@
)";

constexpr const char* kExamples =
    R"(// Public tests of @topic@/@name@: numbers that one can check by hand.
#include <kata/test.hpp>

#include "@topic@/@name@/subject.hpp"

namespace @topic@::@name@ {
namespace {

using kata::test::is_close_to;

TEST_CASE("the example of the statement", "[public][example]") {
  kata::Vectorf x(3);
  x << 1.0F, 2.0F, 3.0F;
  kata::Vectorf y(3);
  kata::test::poison(y);
  subject.@name@(x, y);
  CHECK_THAT(y, is_close_to(x, {.atol = 1e-6}));
}

}  // namespace
}  // namespace @topic@::@name@
)";

constexpr const char* kHidden = R"(// Hidden tests of @topic@/@name@.
//
// Error model: say here where the tolerances come from.
#include <kata/test.hpp>

#include "@topic@/@name@/subject.hpp"

namespace @topic@::@name@ {
namespace {

using kata::test::is_close_to;

TEST_CASE("agrees with its definition on odd sizes", "[hidden][definition]") {
  const auto x = kata::test::normal<kata::Vectorf>(kata::test::uniform_int(3, 17));
  kata::Vectorf y(x.size());
  kata::test::poison(y);
  subject.@name@(x, y);
  CHECK_THAT(y, is_close_to(x, {.atol = 1e-6}));
}

TEST_CASE("refuses a result of another size", "[hidden][contract]") {
  const kata::Vectorf x = kata::Vectorf::Zero(3);
  kata::Vectorf y(2);
  CHECK_REFUSES(subject.@name@(x, y), "y");
}

}  // namespace
}  // namespace @topic@::@name@
)";

constexpr const char* kAnswer = R"(#include "@topic@/@name@/@name@.hpp"

#include <stdexcept>

namespace @topic@::@name@ {

void @name@(kata::In<kata::Vectorf> x, kata::Out<kata::Vectorf> y) {
  if (y.size() != x.size()) throw std::invalid_argument("y must have as many entries as x");
  y = x;
}

}  // namespace @topic@::@name@
)";

constexpr const char* kMistakes =
    R"(// The mutants of @topic@/@name@: small differences from the whiteboard answer.
#include "worker/mistakes.hpp"

#include <stdexcept>

#include "@topic@/@name@/@name@.hpp"

KATA_MISTAKES({"twice", "You doubled x: the definition takes it once.", "你把 x 加倍了：定义里只取一次。",
               "typical slip"})

namespace @topic@::@name@ {

void @name@(kata::In<kata::Vectorf> x, kata::Out<kata::Vectorf> y) {
  if (y.size() != x.size()) throw std::invalid_argument("y must have as many entries as x");
  y = kata::mistake("twice") ? kata::Vectorf(2 * x) : kata::Vectorf(x);
}

}  // namespace @topic@::@name@
)";

constexpr const char* kReadme = R"(# @name@

"The question as an interviewer asks it, two or three sentences."

## Contract

## Formula

## An example by hand

## What is tested

## If you get stuck, if you finish early

`kata hint @topic@/@name@`.
)";

constexpr const char* kNotes = R"(# Notes on @topic@/@name@

Derivation; the source's claim and its correction; why the reference is fast; follow-up questions.
)";

bool is_name(const std::string& text) {
  return !text.empty() && text[0] >= 'a' && text[0] <= 'z' &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
         });
}

}  // namespace

std::vector<fs::path> new_exercise(const Engine& engine, const std::string& id) {
  const std::size_t slash = id.find('/');
  const std::string topic = id.substr(0, slash);
  const std::string name = slash == std::string::npos ? "" : id.substr(slash + 1);
  if (!is_name(topic) || !is_name(name))
    throw EngineFault("'" + id +
                      "' is no id: it is topic/name, in lower case, such as losses/l1_l2");
  const fs::path& root = engine.paths().root;
  const fs::path exercise = root / "exercises" / topic / name;
  const fs::path solutions = root / "solutions" / topic / name;
  for (const fs::path& folder : {exercise, solutions})
    if (fs::exists(folder))
      throw EngineFault(folder.string() + " is there already: nothing was made");

  std::vector<fs::path> made;
  const auto make = [&](const fs::path& path, const char* text) {
    write_file(path, filled(text, topic, name));
    made.push_back(path);
  };
  const fs::path topic_file = root / "exercises" / topic / "topic.json";
  if (!fs::exists(topic_file)) make(topic_file, kTopic);
  make(exercise / "exercise.json", kManifest);
  make(exercise / (name + ".hpp"), kHeader);
  make(exercise / (name + ".cpp"), kStub);
  make(exercise / "examples.cpp", kExamples);
  make(exercise / "README.md", kReadme);
  make(exercise / "README.zh.md", kReadme);
  make(solutions / (name + ".cpp"), kAnswer);
  make(solutions / "whiteboard.cpp", kAnswer);
  make(solutions / "mistakes.cpp", kMistakes);
  make(solutions / "hidden.cpp", kHidden);
  make(solutions / "NOTES.md", kNotes);
  make(solutions / "NOTES.zh.md", kNotes);
  return made;
}

}  // namespace kata::classroom
