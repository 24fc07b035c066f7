// The compiler's and linker's words, and what is made of them.
#include "builder/messages.hpp"

#include "catch.hpp"

#include "builder/diagnostics.hpp"
#include "builder/headers.hpp"
#include "builder/sanitizer.hpp"

using namespace kata::builder;

namespace {
const Naming kNaming = {"adam.cpp", "work/optimizers/adam.cpp"};
}

TEST_CASE("the first error in the author's file is told, not the first error") {
  const std::string output =
      "In file included from adam.cpp:1:\n"
      "/vocabulary/kata/arrays.hpp:3:1: error: something in a header\n"
      "x\n^\n"
      "adam.cpp:9:3: warning: be careful [-Wall]\n"
      "  y;\n  ^\n"
      "./adam.cpp:12:7: error: use of undeclared identifier 'z'\n"
      "  z = 1;\n      ^\n"
      "2 errors generated.\n";
  CHECK(first_error(output, kNaming) ==
        "work/optimizers/adam.cpp:12:7: error: use of undeclared identifier 'z'\n  z = 1;\n      "
        "^\n");
  CHECK(warnings_in(output, kNaming) ==
        "work/optimizers/adam.cpp:9:3: warning: be careful [-Wall]\n  y;\n  ^\n");
}

TEST_CASE("a failed static assertion gives its reason, in both spellings") {
  for (const char* text :
       {"static_assert failed due to requirement 'a<b: c>::d == \"x\"' \"BAD_SIZES\"",
        "static assertion failed due to requirement 'a<b>::d': BAD_SIZES"}) {
    const std::string output = "/eigen/Eigen/src/Core/A.h:8:3: error: " + std::string(text) +
                               "\n  X\n  ^\n"
                               "/eigen/Eigen/src/Core/B.h:1:1: note: in instantiation of ...\n"
                               "adam.cpp:7:5: note: in instantiation of 'f' requested here\n"
                               "  c = b;\n    ^\n";
    CHECK(first_error(output, kNaming) ==
          "work/optimizers/adam.cpp:7:5: error: BAD_SIZES\n  c = b;\n    ^\n"
          "(found in Eigen/src/Core/A.h, which this line uses)\n");
  }
}

TEST_CASE("text that is no diagnostic is shown, cut") {
  CHECK(first_error("something else\n", kNaming) == "something else\n");
  CHECK(first_error(std::string(100000, 'x'), kNaming).size() <= 1000);
  CHECK(first_error("", kNaming).empty());
  CHECK(diagnostics_in(std::string(5000, ':')).empty());
  CHECK(diagnostics_in("a:99999999999999999999:1: error: x\n").empty());
}

TEST_CASE("long lines are cut around the caret") {
  const std::string line = std::string(500, ' ') + "bad" + std::string(500, 'x');
  const std::string told = first_error(
      "adam.cpp:1:501: error: e\n" + line + "\n" + std::string(500, ' ') + "^\n", kNaming);
  CHECK(told.find("bad") != std::string::npos);
  CHECK(told.find('^') != std::string::npos);
  CHECK(told.size() < 600);
}

TEST_CASE("undefined names are listed once") {
  const std::string output =
      "mold: error: undefined symbol: f(int)\n>>> referenced by 1.o\nmold: error: undefined "
      "symbol: g\n"
      "mold: error: undefined symbol: f(int)\n";
  CHECK(undefined_in(output) == std::vector<std::string>{"f(int)", "g"});
  CHECK(undefined_in("mold: fatal: no space left\n").empty());
  CHECK(listed({"a"}) == "a");
  CHECK(listed({"a", "b"}) == "a and b");
  CHECK(listed({"a", "b", "c"}) == "a, b and c");
}

TEST_CASE("a missing header is found with who wanted it") {
  const auto own = missing_header("adam.cpp:1:10: fatal error: 'x.hpp' file not found\n", kNaming);
  REQUIRE(own);
  CHECK(own->name == "x.hpp");
  CHECK(own->included_by.empty());
  const auto theirs =
      missing_header("/eigen/Eigen/Dense:4:10: fatal error: 'SVD' file not found\n", kNaming);
  REQUIRE(theirs);
  CHECK(theirs->included_by == "Eigen/Dense");
  CHECK_FALSE(missing_header("adam.cpp:1:1: error: 'x' is not a type\n", kNaming));
  CHECK(forbidden_header("SVD", "Eigen/Dense", {"Eigen/SVD"}).find("<Eigen/SVD>") !=
        std::string::npos);
  CHECK(forbidden_header("SVD", "Eigen/Dense", {"Eigen/QR"}).empty());
  CHECK(forbidden_header("Eigen/./SVD", "", {"Eigen/SVD"}).find("forbids") != std::string::npos);
}

TEST_CASE("dependencies are checked against folders and the manifest") {
  const std::vector<std::string> fine = {"adam.cpp", "/include/optimizers/adam/adam.hpp",
                                         "/eigen/Eigen/QR", "/toolchain/0-12/vector"};
  CHECK(forbidden_dependency(fine, {}, {"Eigen/SVD"}, "adam.cpp").empty());
  CHECK(forbidden_dependency({"/lib/x86_64-linux-gnu/libc.so.6"}, {}, {}, "adam.cpp")
            .find("libc.so.6") != std::string::npos);
  CHECK_FALSE(forbidden_dependency({"/include/../lib/libc.so.6"}, {}, {}, "adam.cpp").empty());
  CHECK_FALSE(
      forbidden_dependency({"/eigen/Eigen/src/SVD/JacobiSVD.h"}, {}, {"Eigen/SVD"}, "adam.cpp")
          .empty());
  CHECK_FALSE(
      forbidden_dependency({"/toolchain/0-12/valarray"}, {}, {"valarray"}, "adam.cpp").empty());
  CHECK(included_as("/toolchain/0-12/bits/a.h") == std::optional<std::string>("bits/a.h"));
  CHECK_FALSE(included_as("/toolchain").has_value());
  CHECK_THROWS(forbidden_dependency({"/toolchain/0-12/vector"}, {"/toolchain/0-12/vector"},
                                    {"vector"}, "adam.cpp"));
}

TEST_CASE("a report is told under the author's name") {
  CHECK(
      renamed("adam.cpp:3:1: runtime error; f at /source/adam.cpp:9; other/adam.cpp:1; xadam.cpp:2",
              kNaming) ==
      "work/optimizers/adam.cpp:3:1: runtime error; f at work/optimizers/adam.cpp:9; "
      "other/adam.cpp:1; xadam.cpp:2");
}
