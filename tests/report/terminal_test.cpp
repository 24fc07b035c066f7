// The text that a learner sees, to the letter.
#include "report/terminal.hpp"

#include <sstream>

#include "check.hpp"
#include "report/samples.hpp"
#include "report/text.hpp"

namespace kata::report {
namespace {

using testing::right_adam;
using testing::test;
using testing::wrong_batchnorm;

Style wide(const std::string& lang = "en") {
  Style style;
  style.width = 84;
  style.lang = lang;
  return style;
}

Card hint_card() {
  Card card;
  card.level = 3;
  card.minutes = 30;
  card.next = "kata hint batchnorm/backward";
  card.next_note = "1 of 3";
  return card;
}

Exercise adam(Status status) {
  Exercise e = right_adam();
  e.status = status;
  e.points = 0;
  e.performance.reset();
  e.tests.clear();
  return e;
}

Exercise uncompiled() {
  Exercise e = adam(Status::compile_error);
  e.build_s = e.duration_s = 0.7;
  e.diagnostics.emplace();
  e.diagnostics->where = "work/optimizers/adam.cpp:14";
  e.diagnostics->compiler =
      "work/optimizers/adam.cpp does not compile.\n"
      "work/optimizers/adam.cpp:14:10: error: use of undeclared identifier 'stat'; did you mean "
      "'state'?\n"
      "  state.t = stat.t + 1;\n"
      "            ^~~~\n";
  return e;
}

Exercise crashed() {
  Exercise e = adam(Status::crashed);
  e.tests = {test("public", "example", Status::passed, "the example"),
             test("hidden", "weight_decay", Status::crashed, "adam: five steps",
                  "adam_step was stopped by a segmentation fault"),
             test("hidden", "amsgrad", Status::not_run)};
  e.tests[1].replay = "1-2";
  e.diagnostics.emplace();
  e.diagnostics->signal = "SIGSEGV";
  e.diagnostics->where = "work/optimizers/adam.cpp:20";
  e.diagnostics->printed = "step 1\n\x1b[31mstep 2\n";
  return e;
}

TEST_CASE("a wrong answer: the tests, the cause, where, and what to do") {
  CHECK(verdict_text(wrong_batchnorm(), hint_card(), wide()) ==
        R"(batchnorm/backward   BatchNorm backward in closed form              level 3 · 30 min

  public   ✓ the example of the statement      ✓ gamma is not one
  hidden   ✓ three rows                        ✗ dx sums to zero over the batch
           ✗ agrees with the definition (1 of 2 right)
           ✓ dgamma, dbeta
           – 2 more not run: they check speed, and come when the answer is right

  Your dx is what you get when the variance is treated as a constant.
  x moves σ² as well as μ: the term −x̂·Σ(dy·x̂)/m is missing.
  (misconception: no-variance-path)

  failed test        dx, 7 x 5
  first difference   dx(0, 2): expected −0.2183, got 0.4410   (m = 3, features = 5)
  again, exactly     kata run batchnorm/backward --replay 7f3a-91c2
  next               kata hint batchnorm/backward   (1 of 3)

0 of 10 points · built in 0.8 s, tested in 0.1 s
)");
}

TEST_CASE("the same in Chinese, in columns that count wide characters") {
  Card card = hint_card();
  card.title = "批归一化反向传播（闭式）";
  card.next_note = "第 1 条，共 3 条";
  CHECK(verdict_text(wrong_batchnorm(), card, wide("zh")) ==
        R"(batchnorm/backward   批归一化反向传播（闭式）                       难度 3 · 30 分钟

  公开   ✓ the example of the statement       ✓ gamma is not one
  隐藏   ✓ three rows                         ✗ dx sums to zero over the batch
         ✗ agrees with the definition（1/2 正确）
         ✓ dgamma, dbeta
         – 另有 2 项未运行：they check speed, and come when the answer is right

  Your dx is what you get when the variance is treated as a constant.
  x moves σ² as well as μ: the term −x̂·Σ(dy·x̂)/m is missing.
  （误区：no-variance-path）

  未过测试   dx, 7 x 5
  首个差异   dx(0, 2): expected −0.2183, got 0.4410   (m = 3, features = 5)
  原样重现   kata run batchnorm/backward --replay 7f3a-91c2
  下一步     kata hint batchnorm/backward   （第 1 条，共 3 条）

0 / 10 分 · 构建 0.8 秒，测试 0.1 秒
)");
}

TEST_CASE("a narrow terminal without UTF-8 gets plain ASCII in English") {
  Style style = wide("zh");
  style.unicode = false;
  style.width = 60;
  const std::string text = verdict_text(wrong_batchnorm(), hint_card(), style);
  CHECK(text == R"(batchnorm/backward   BatchNorm backward in closed form
  level 3 | 30 min

  public   + the example of the statement
           + gamma is not one
  hidden   + three rows
           x dx sums to zero over the batch
           x agrees with the definition (1 of 2 right)
           + dgamma, dbeta
           - 2 more not run: they check speed, and come when
             the answer is right

  Your dx is what you get when the variance is treated as a
  constant.
  x moves sigma^2 as well as mu: the term
  -x_hat.sum(dy.x_hat)/m is missing.
  (misconception: no-variance-path)

  failed test        dx, 7 x 5
  first difference   dx(0, 2): expected -0.2183, got 0.4410
                     (m = 3, features = 5)
  again, exactly     kata run batchnorm/backward --replay 7f3a-91c2
  next               kata hint batchnorm/backward   (1 of 3)

0 of 10 points | built in 0.8 s, tested in 0.1 s
)");
  for (const char c : text)
    if (c < 0) FAIL("not ASCII");
}

TEST_CASE("a right answer: its points, and its speed beside the others") {
  Card card;
  card.next = "kata solution optimizers/adam";
  CHECK(verdict_text(right_adam(), card, wide()) ==
        R"(optimizers/adam   Adam, one step

  public   ✓ the example
  hidden   ✓ bias correction

  All tests pass.

  speed   within reach: 1.31 times the reference's time (1.25 to 1.4), 2.1 times as
          fast as the whiteboard answer, 80 % of the machine's limit
  next    kata solution optimizers/adam

9.5 of 10 points · built in 0.0 s, tested in 0.2 s
)");
}

TEST_CASE("a compile error: the compiler's first words, its columns kept") {
  CHECK(verdict_text(uncompiled(), Card(), wide()) ==
        R"(optimizers/adam   Adam, one step

  work/optimizers/adam.cpp does not compile.
    work/optimizers/adam.cpp:14:10: error: use of undeclared identifier 'stat'; did
    you mean 'state'?
      state.t = stat.t + 1;
                ^~~~

0 of 10 points · built in 0.7 s, tested in 0.0 s
)");
}

TEST_CASE("a crash: what happened, the line, and what was printed, made harmless") {
  CHECK(verdict_text(crashed(), Card(), wide()) ==
        R"(optimizers/adam   Adam, one step

  public   ✓ the example
  hidden   ✗ weight decay
           – 1 more not run

  It crashed.

  failed test      five steps
  what happened    adam_step was stopped by a segmentation fault
  where            work/optimizers/adam.cpp:20 (SIGSEGV)
  it printed       step 1
                   �[31mstep 2
  again, exactly   kata run optimizers/adam --replay 1-2

0 of 10 points · built in 0.0 s, tested in 0.2 s
)");
}

TEST_CASE("every status is said in words, in both languages") {
  for (int i = 0; i <= static_cast<int>(Status::grader_fault); ++i) {
    const auto status = static_cast<Status>(i);
    for (const std::string lang : {"en", "zh"}) {
      CHECK_FALSE(status_text(status, lang).empty());
      const std::string text = verdict_text(adam(status), Card(), wide(lang));
      INFO(text);
      // The difference of a wrong answer says more than a sentence would.
      CHECK(std::count(text.begin(), text.end(), '\n') == (status == Status::wrong_answer ? 3 : 5));
    }
    CHECK(status_text(status, "en") != status_text(status, "zh"));
  }
}

TEST_CASE("several explanations that fit equally are all named") {
  Exercise e = wrong_batchnorm();
  e.misconceptions.push_back({"other", "Another way to go wrong.", "", ""});
  const std::string text = verdict_text(e, Card(), wide());
  CHECK(text.find("the tests cannot tell them apart") != std::string::npos);
  CHECK(text.find("(misconception: no-variance-path)") != std::string::npos);
  CHECK(text.find("(misconception: other)") != std::string::npos);
}

TEST_CASE("an expected refusal is no difference of numbers") {
  Exercise e = adam(Status::wrong_answer);
  e.tests = {test("hidden", "contract", Status::wrong_answer, "a rate below zero",
                  "expected std::invalid_argument with a text that names `lr`, got [nothing]")};
  const std::string text = verdict_text(e, Card(), wide());
  CHECK(text.find("what happened   expected std::invalid_argument") != std::string::npos);
}

TEST_CASE("colour only adds to the text") {
  Style plain = wide();
  Style coloured = wide();
  coloured.colour = true;
  for (const Exercise& e : {wrong_batchnorm(), right_adam(), uncompiled(), crashed()}) {
    std::string text = verdict_text(e, hint_card(), coloured);
    CHECK(text.find("\x1b[") != std::string::npos);
    std::string without;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\x1b')
        i = text.find('m', i);
      else
        without += text[i];
    }
    CHECK(without == verdict_text(e, hint_card(), plain));
  }
}

TEST_CASE("whatever a submission says, no control sequence reaches the terminal") {
  using std::string_literals::operator""s;
  const std::string bytes = "\x1b[2J\x07\xff\0\r\x7f\xc2\x9b\xe2\x80\xae"s;
  Exercise e = crashed();
  e.title = e.fault = bytes;
  e.tests[1].name = e.tests[1].group = e.tests[1].message = e.tests[1].replay = bytes;
  e.diagnostics = Diagnostics{bytes, bytes, bytes, bytes};
  e.misconceptions = {{bytes, bytes, bytes, bytes}};
  for (const bool unicode : {true, false}) {
    Style style = wide();
    style.unicode = unicode;
    const std::string text = verdict_text(e, Card(), style) + summary_text({e, e}, style);
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) CHECK(safe_text(line, 10000) == line);
  }
}

TEST_CASE("no line is wider than the terminal, but for commands to copy") {
  Exercise e = wrong_batchnorm();
  e.tests[0].name = std::string(300, 'n');
  e.tests[3].message = "批归一化 " + std::string(200, 'm');
  e.misconceptions[0].explanation = std::string(100, 'e') + " 批归一化反向传播批归一化反向传播";
  e.diagnostics = Diagnostics{"", "", "here", std::string(500, 'p')};
  for (const int width : {40, 57, 80, 120}) {
    for (const std::string lang : {"en", "zh"}) {
      Style style = wide(lang);
      style.width = width;
      std::istringstream lines(verdict_text(e, Card(), style) + summary_text({e}, style));
      for (std::string line; std::getline(lines, line);) {
        INFO(width << ": " << line);
        const bool command = line.find("kata run") != std::string::npos;
        const bool table = line.find("batchnorm/backward") != std::string::npos;
        CHECK((command || table || display_width(line) <= width));
      }
    }
  }
}

TEST_CASE("the summary has a line for each exercise, and the totals") {
  Exercise fault = adam(Status::grader_fault);
  fault.id = "second_order/lbfgs";
  fault.fault = "The oracle could not be built.";
  Exercise untouched = adam(Status::not_attempted);
  untouched.id = "layers/conv2d";
  const std::vector<Exercise> all = {right_adam(), wrong_batchnorm(), uncompiled(), untouched,
                                     fault};
  CHECK(summary_text(all, wide()) == R"(  ✓ optimizers/adam      passed             9.5 of 10 points
  ✗ batchnorm/backward   wrong answer         0 of 10 points
      Your dx is what you get when the variance is treated as a constant.
  ✗ optimizers/adam      does not compile     0 of 10 points
      use of undeclared identifier 'stat'; did you mean 'state'?
  – layers/conv2d        not attempted        0 of 10 points
  ! second_order/lbfgs   grader fault         0 of 10 points
      The oracle could not be built.

1 passed, 2 not passed, 1 not attempted, 1 with a grader fault · 9.5 of 50 points
)");
  CHECK(summary_text({right_adam(), wrong_batchnorm()}, wide("zh")) ==
        R"(  ✓ optimizers/adam      通过       9.5 / 10 分
  ✗ batchnorm/backward   答案错误     0 / 10 分
      Your dx is what you get when the variance is treated as a constant.

1 题通过，1 题未通过 · 9.5 / 20 分
)");
  CHECK(summary_text({}, wide()) == "0 passed · 0 of 0 points\n");
}

}  // namespace
}  // namespace kata::report
