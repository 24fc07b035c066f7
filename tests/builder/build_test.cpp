// Whole builds: from the text of a source to a worker that answers, or to a sentence.
#include "catch.hpp"

#include <thread>

#include "wire/messages.hpp"
#include "workshop.hpp"

using kata::builder::Built;
using kata::builder::Flags;
using Why = kata::builder::Built::Why;
using Catch::Matchers::StartsWith;

namespace {

// A file for toy/scale around a body.
std::string scale(const std::string& body, const std::string& before = "") {
  return "#include \"toy/scale/scale.hpp\"\n" + before +
         "\nnamespace toy::scale {\ndouble scale(double x) {\n" + body + "\n}\n}\n";
}

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// The report shows the diagnostics too: a handful of lines, and nothing of ours in them.
void check_short(const Built& built) {
  CHECK(std::count(built.diagnostics.begin(), built.diagnostics.end(), '\n') <= 10);
  for (const char* inside : {"/source", "/toolchain", "/eigen/", "/vocabulary", "/output"})
    CHECK_FALSE(says(built.diagnostics + built.message, inside));
}

}  // namespace

TEST_CASE("an answer becomes a worker that answers, and comes from the cache the next time") {
  const std::string text = scale("  return 5 * x;");
  const Built first = workshop::build("toy/scale", text);
  INFO(first.message << first.diagnostics);
  REQUIRE(first.ok);
  CHECK_FALSE(first.from_cache);
  CHECK(first.warnings.empty());
  CHECK(workshop::call(first.worker, 2).value == 10);

  const Built second = workshop::build("toy/scale", text);
  CHECK(second.ok);
  CHECK(second.from_cache);
  CHECK(second.worker == first.worker);
  CHECK(second.seconds < 0.5);

  CHECK_FALSE(workshop::build("toy/scale", text + " ").from_cache);
}

TEST_CASE("both flag sets build, and tell checks from speed") {
  const std::string text = scale(
      "#ifdef NDEBUG\n  return 1;\n#else\n  Eigen::VectorXd v(2);\n  return "
      "v(static_cast<int>(x));\n#endif");
  const Built checked = workshop::build("toy/scale", text);
  INFO(checked.message << checked.diagnostics);
  REQUIRE(checked.ok);
  const workshop::Answer out_of_range = workshop::call(checked.worker, 7);
  CHECK(out_of_range.replied);
  CHECK_FALSE(out_of_range.returned);  // eigen_assert threw what the runtime reports by name
  CHECK(says(out_of_range.text, "index"));

  const Built timed = workshop::build("toy/scale", text, Flags::timed);
  INFO(timed.message << timed.diagnostics);
  REQUIRE(timed.ok);
  CHECK(workshop::call(timed.worker, 7).value == 1);
}

TEST_CASE("what is given is linked, and the answer's own helpers of the same name do not clash") {
  const Built built = workshop::build(
      "toy/scale",
      scale(
          "  return toy::twice::twice(x) + helper(x);",
          "#include \"toy/twice/twice.hpp\"\nnamespace { double helper(double x) { return x; } }"));
  INFO(built.message << built.diagnostics);
  REQUIRE(built.ok);
  CHECK(workshop::call(built.worker, 3).value == 9);
}

TEST_CASE("a reference may use the kernels, and a submission may not") {
  kata::builder::Request request;
  request.exercise = &workshop::exercise("toy/scale");
  const std::string text = scale("  return kernels::triple(x);", "#include \"kernels/triple.hpp\"");
  request.sources = {{text, "solutions/toy/scale/scale.cpp"}};
  request.own = true;
  const Built own = workshop::builder().build(request);
  INFO(own.message << own.diagnostics);
  REQUIRE(own.ok);
  CHECK(workshop::call(own.worker, 2).value == 6);

  const Built submitted = workshop::build("toy/scale", text);
  CHECK(submitted.why == Why::forbidden_call);
  CHECK(says(submitted.message, "kernels/triple.hpp"));
}

TEST_CASE("mistakes are chosen by name, and the table can be asked for") {
  kata::builder::Request request;
  request.exercise = &workshop::exercise("toy/scale");
  request.sources = {
      {"#include \"worker/mistakes.hpp\"\n" +
           scale("  return kata::mistake(\"too-big\") ? 100 : 1;") +
           "KATA_MISTAKES({\"too-big\", \"It is too big.\", \"too big\", \"a typical slip\"})\n",
       "mistakes.cpp"}};
  request.own = true;
  request.mistakes = true;
  const Built built = workshop::builder().build(request);
  INFO(built.message << built.diagnostics);
  REQUIRE(built.ok);
  CHECK(workshop::call(built.worker, 0).value == 1);
  CHECK(workshop::call(built.worker, 0, 0, "too-big").value == 100);
  CHECK(says(workshop::call(built.worker, 0, kata::wire::kMistakeTable).text, "It is too big."));
}

TEST_CASE("an error is shown at the author's line, under the author's name") {
  const Built built = workshop::build("toy/scale", scale("  return 5 * x"));
  CHECK(built.why == Why::compile_error);
  CHECK(built.message == "work/toy/scale.cpp does not compile.");
  CHECK_THAT(built.diagnostics, StartsWith("work/toy/scale.cpp:5:"));
  CHECK(says(built.diagnostics, "expected ';'"));
  CHECK(says(built.diagnostics, "^"));
  check_short(built);
}

TEST_CASE("an error inside of Eigen is told at the line that led there") {
  const Built built = workshop::build(
      "toy/scale",
      scale(
          "  Eigen::Matrix2d a;\n  Eigen::Matrix3d b;\n  a = b;\n  return a(0, 0) + b(0, 0) + x;"));
  CHECK(built.why == Why::compile_error);
  CHECK_THAT(built.diagnostics, StartsWith("work/toy/scale.cpp:7:"));
  CHECK(says(built.diagnostics, "YOU_MIXED_MATRICES_OF_DIFFERENT_SIZES"));
  CHECK(says(built.diagnostics, "a = b;"));
  check_short(built);
}

TEST_CASE("warnings are advice") {
  const Built built = workshop::build("toy/scale", scale("  int unused = 3;\n  return x;"));
  CHECK(built.ok);
  CHECK_THAT(built.warnings, StartsWith("work/toy/scale.cpp:5:"));
  CHECK(says(built.warnings, "unused"));
  CHECK(workshop::build("toy/scale", scale("  int unused = 3;\n  return x;")).warnings ==
        built.warnings);
}

TEST_CASE("what an answer may not include is forbidden by name") {
  struct Case {
    const char *include, *named;
  };
  for (const Case& c :
       {Case{"\"/etc/passwd\"", "/etc/passwd"},
        Case{"<unsupported/Eigen/MatrixFunctions>", "unsupported/Eigen/MatrixFunctions"},
        Case{"\"../../../../../etc/passwd\"", "/etc/passwd"},
        Case{"\"solutions/toy/scale/scale.cpp\"", "solutions/"}}) {
    const Built built =
        workshop::build("toy/scale", scale("  return x;", std::string("#include ") + c.include));
    INFO(c.include << ": " << built.message);
    CHECK(built.why == Why::forbidden_call);
    CHECK(says(built.message, c.named));
    CHECK_FALSE(says(built.message + built.diagnostics, "root:"));
  }
  // A misspelt header is just that; so is one that happens to be installed here.
  for (const char* header :
       {"<vectr>", "<catch2/catch.hpp>", "<nlohmann/json.hpp>", "\"toy/solve/solve.hpp\""}) {
    const Built built =
        workshop::build("toy/scale", scale("  return x;", std::string("#include ") + header));
    INFO(header);
    CHECK(built.why == Why::compile_error);
    CHECK(says(built.diagnostics, "file not found"));
  }
}

TEST_CASE("a header that does the exercise is absent from that exercise alone") {
  const auto solve = [](const std::string& include) {
    return workshop::build("toy/solve",
                           include +
                               "\n#include \"toy/solve/solve.hpp\"\nnamespace toy::solve {\n"
                               "double solve(double x) { return x; }\n}\n");
  };
  const Built direct = solve("#include <Eigen/SVD>");
  CHECK(direct.why == Why::forbidden_call);
  CHECK(says(direct.message, "<Eigen/SVD>"));
  const Built through = solve("#include <Eigen/Dense>");
  CHECK(through.why == Why::forbidden_call);
  CHECK(says(through.message, "<Eigen/SVD>"));
  const Built inside = solve("#include <Eigen/QR>\n#include <Eigen/src/SVD/JacobiSVD.h>");
  CHECK(inside.why == Why::forbidden_call);
  const Built allowed = solve("#include <Eigen/QR>");
  INFO(allowed.message << allowed.diagnostics);
  CHECK(allowed.ok);
  CHECK(workshop::build("toy/scale",
                        scale("  Eigen::JacobiSVD<Eigen::Matrix2d> s; return x + s.rows();",
                              "#include <Eigen/SVD>"))
            .ok);
}

TEST_CASE("the function that the tests call must be there, as declared") {
  const Built none = workshop::build("toy/scale", "int x;\n");
  CHECK(none.why == Why::compile_error);
  CHECK(says(none.message, "does not define `toy::scale::scale`"));

  const Built other = workshop::build("toy/scale",
                                      "#include \"toy/scale/scale.hpp\"\nnamespace toy::scale { "
                                      "double scale(float x) { return x; } }\n");
  CHECK(other.why == Why::compile_error);
  CHECK(says(other.message, "wrong signature"));
  CHECK(
      says(other.message, "parameter 1 is `float` in your definition and `double` in the header"));

  const Built place = workshop::build("toy/scale", "double scale(double x) { return x; }\n");
  CHECK(place.why == Why::compile_error);
  CHECK(says(place.message, "`toy::scale::scale`"));
}

TEST_CASE("a name that is declared and defined nowhere is named") {
  const Built built =
      workshop::build("toy/scale", scale("  return helper(x);", "double helper(double);"));
  CHECK(built.why == Why::compile_error);
  CHECK(says(built.message, "`helper(double)`"));
  CHECK(says(built.message, "defined nowhere"));
  // Names of the runner and of other parts are out of reach.
  for (const char* declaration :
       {"extern \"C\" double read_all(double); double helper(double x) { return read_all(x); }",
        "namespace kata { bool mistake(std::string_view); } double helper(double) { return "
        "kata::mistake(\"\"); }",
        "namespace kata::worker { extern const unsigned long entry_count; } double helper(double) "
        "{ return "
        "static_cast<double>(kata::worker::entry_count); }"}) {
    const Built reaching = workshop::build(
        "toy/scale",
        scale("  return helper(x);", std::string("#include <string_view>\n") + declaration));
    INFO(declaration);
    CHECK(reaching.why == Why::compile_error);
    CHECK(says(reaching.message, "defined nowhere"));
  }
}

TEST_CASE("an answer's own clock, exp, malloc, write and operator new stay its own") {
  const Built built = workshop::build("toy/scale", scale("  return x + std::exp(0.0);", R"(
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <new>
#include <unistd.h>
extern "C" int clock_gettime(clockid_t, timespec*) noexcept { std::abort(); }
extern "C" double exp(double) noexcept { return 41; }
extern "C" void* malloc(std::size_t) noexcept { std::abort(); }
extern "C" ssize_t write(int, const void*, std::size_t) { std::abort(); }
extern "C" int main_(int) { return 0; }
void* operator new(std::size_t) { std::abort(); }
namespace kata { bool mistake(std::string_view) { std::abort(); } }
)"));
  INFO(built.message << built.diagnostics);
  REQUIRE(built.ok);
  const workshop::Answer answer = workshop::call(built.worker, 1);
  CHECK(answer.returned);
  CHECK((answer.value == 42 || answer.value == 2));  // its own exp, or a constant folded before
}

TEST_CASE("templates without end are stopped", "[slow]") {
  const Built built = workshop::build("toy/scale", R"(
template <int N, int M> struct A {
  struct T { typename A<N - 1, 2 * M>::T l; typename A<N - 1, 2 * M + 1>::T r; };
};
template <int M> struct A<0, M> { struct T {}; };
A<28, 1>::T x;
)");
  // Whether time or memory ends first depends on how fast the machine is.
  CHECK(built.why == Why::compile_error);
  CHECK(built.message.size() > 20);
}

TEST_CASE("bombs are stopped, with the limit that they met") {
  SECTION("the object") {
    const Built built = workshop::build("toy/scale", "char a[200000000] = {1};\n");
    CHECK(built.why == Why::compile_error);
    CHECK(says(built.message, "64 MB"));
  }
  SECTION("depth") {
    const Built built =
        workshop::build("toy/scale", "#include \"scale.cpp\"\n#include \"scale.cpp\"\n");
    CHECK(built.why == Why::compile_error);
    CHECK(says(built.diagnostics, "nested too deeply"));
    check_short(built);
  }
  SECTION("the compiler itself") {
    const Built built = workshop::build("toy/scale", "#pragma clang __debug crash\n");
    CHECK(built.why == Why::compile_error);
    CHECK(says(built.message, "crashed"));
  }
  SECTION("zeros") {
    const Built built = workshop::build(
        "toy/scale",
        scale("  a[static_cast<int>(x)] = 1;\n  return a[3];", "static volatile char a[1 << 30];"));
    CHECK(built.why == Why::compile_error);
    CHECK(says(built.message, "256 MB"));
  }
}

TEST_CASE("any bytes are a source") {
  for (const std::string& text :
       {std::string(), std::string(1000, '\0'), std::string("\xff\xfe\x1b[31m\x07"),
        std::string(300000, '('), std::string("__asm__(\".incbin \\\"/etc/passwd\\\"\");\n"),
        std::string("#include \"/dev/stdin\"\n"), std::string("#include \"/dev/zero\"\n")}) {
    const Built built = workshop::build("toy/scale", text);
    CHECK_FALSE(built.ok);
    CHECK(built.why != Why::none);
    CHECK(built.why != Why::grader_fault);
    CHECK_FALSE(built.message.empty());
    CHECK_FALSE(says(built.message + built.diagnostics, "root:"));
    CHECK_FALSE(says(built.message + built.diagnostics, "\x1b"));
  }
}

TEST_CASE("several builds at a time on one cache") {
  std::vector<Built> built(3);
  std::vector<std::thread> threads;
  for (Built& each : built)
    threads.emplace_back([&each] {
      kata::builder::Builder own({workshop::project()}, workshop::cache());
      kata::builder::Request request;
      request.exercise = &workshop::exercise("toy/scale");
      request.sources = {{scale("  return 6 * x;"), "scale.cpp"}};
      each = own.build(request);
    });
  for (std::thread& thread : threads) thread.join();
  for (const Built& each : built) {
    INFO(each.message);
    REQUIRE(each.ok);
    CHECK(each.worker == built.front().worker);
    CHECK(workshop::call(each.worker, 2).value == 12);
  }
}

TEST_CASE("no pragma brings in a module") {
  for (const char* pragma : {"import std", "load Foo"}) {
    const Built built = workshop::build(
        "toy/scale", scale("  return x;", std::string("#pragma clang module ") + pragma));
    INFO(pragma);
    CHECK(built.why == Why::compile_error);
    CHECK(says(built.diagnostics, "not found"));
  }
}

TEST_CASE("what is broken on our side is not the answer's fault") {
  const std::filesystem::path broken = workshop::folder() / "broken";
  std::filesystem::create_directories(broken);
  std::filesystem::copy(
      workshop::project(), broken,
      std::filesystem::copy_options::recursive | std::filesystem::copy_options::copy_symlinks);
  workshop::write(broken / "exercises/toy/solve/solve.hpp", "#pragma once\nthis is no header\n");
  const kata::catalog::Catalog catalog = kata::catalog::Catalog::load({broken});
  kata::builder::Builder builder({broken}, workshop::cache());
  kata::builder::Request request;
  request.exercise = catalog.find("toy/solve");
  request.sources = {
      {"namespace toy::solve { double solve(double x) { return x; } }\n", "solve.cpp"}};
  const Built built = builder.build(request);
  CHECK(built.why == Why::grader_fault);
  CHECK(says(built.message, "binding.cpp"));
}

TEST_CASE("sources of a capstone are joined") {
  kata::builder::Request request;
  request.exercise = &workshop::exercise("toy/scale");
  request.sources = {{scale("  return part(x) + 1;", "double part(double);"), "work/toy/scale.cpp"},
                     {"double part(double x) { return 10 * x; }\n", "work/toy/part.cpp"}};
  const Built built = workshop::builder().build(request);
  INFO(built.message << built.diagnostics);
  REQUIRE(built.ok);
  CHECK(workshop::call(built.worker, 2).value == 21);

  request.sources[1].text = "double part(double x) { return 10 * y; }\n";
  CHECK_THAT(workshop::builder().build(request).diagnostics, StartsWith("work/toy/part.cpp:1:"));
}

TEST_CASE("a sanitized build names the author's line") {
  const std::string text = scale(
      "  std::vector<double> v(3);\n  double* p = v.data();\n  p[static_cast<int>(x)] = 1;\n  "
      "return p[0];",
      "#include <vector>");
  const Built built = workshop::build("toy/scale", text, Flags::asan);
  INFO(built.message << built.diagnostics);
  if (built.why == Why::grader_fault && says(built.message, "apt-get install libclang-rt")) return;
  REQUIRE(built.ok);
  CHECK(workshop::call(built.worker, 2).returned);
  const workshop::Answer answer = workshop::call(built.worker, 3);
  CHECK_FALSE(answer.replied);
  CHECK(says(answer.errors, "heap-buffer-overflow"));
  kata::builder::Request request;
  request.exercise = &workshop::exercise("toy/scale");
  request.sources = {{text, "work/toy/scale.cpp"}};
  const std::string told = workshop::builder().with_lines(request, built.worker, answer.errors);
  INFO(told);
  CHECK(says(told, "work/toy/scale.cpp:7"));
}
