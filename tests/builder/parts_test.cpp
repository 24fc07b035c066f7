// The small pieces: hashes, trees, depfiles, the linker's words, the binding.
#include "catch.hpp"

#include "builder/binding.hpp"
#include "builder/compile.hpp"
#include "builder/files.hpp"
#include "builder/hash.hpp"
#include "workshop.hpp"

using namespace kata::builder;

TEST_CASE("hashes frame their fields") {
  REQUIRE(sodium_init() >= 0);
  CHECK(Hasher().add("ab").add("c").hex() != Hasher().add("a").add("bc").hex());
  CHECK(Hasher().add("a").hex() == Hasher().add("a").hex());
  CHECK(Hasher().add("a").hex().size() == 40);
  CHECK(Hasher().hex() != Hasher().add("").hex());
}

TEST_CASE("a tree is made once, under the name of its content") {
  const std::filesystem::path parent = workshop::folder() / "trees";
  const auto first = materialise({{"a/b.hpp", "x"}}, parent, workshop::cache());
  CHECK(read_file(first / "a/b.hpp") == "x");
  CHECK(materialise({{"a/b.hpp", "x"}}, parent, workshop::cache()) == first);
  const auto second = materialise({{"a/b.hpp", "y"}}, parent, workshop::cache());
  CHECK(second != first);
  CHECK(std::filesystem::last_write_time(first / "a/b.hpp") ==
        std::filesystem::last_write_time(second / "a/b.hpp"));
}

TEST_CASE("publishing keeps what was there first, and temporary folders go") {
  std::filesystem::path gone;
  {
    const TemporaryFolder made(workshop::cache());
    gone = made.path();
    for (const char* name : {"one", "two"}) {
      std::filesystem::create_directory(made / name);
      write_file(made / name / "file", name);
      publish(made / name, workshop::folder() / "published");
    }
  }
  CHECK(read_file(workshop::folder() / "published/file") == "one");
  CHECK_FALSE(std::filesystem::exists(gone));
  CHECK_THROWS_AS(read_file(workshop::folder() / "not there"), Fault);
}

TEST_CASE("depfiles are read with their continuations and escapes") {
  CHECK(dependencies_in("/o/object.o: a.cpp \\\n  /x/b\\ c.hpp /d\n") ==
        std::vector<std::string>{"a.cpp", "/x/b c.hpp", "/d"});
  CHECK(dependencies_in("").empty());
}

TEST_CASE("the driver's words become a recipe") {
  CHECK(words_of(R"( "/usr/bin/ld" "a b" "c\"d")") ==
        std::vector<std::string>{"/usr/bin/ld", "a b", "c\"d"});
  const LinkRecipe& recipe = workshop::toolchain().static_link;
  CHECK(recipe.before.size() >= 3);
  for (const char* file : {"crt1.o", "libstdc++.a", "libc.a"})
    CHECK(std::any_of(recipe.files.begin(), recipe.files.end(),
                      [&](const std::filesystem::path& path) { return path.filename() == file; }));
  CHECK_THROWS_AS(recipe_from({"/usr/bin/ld", "/dev/null", "-lno_such_library"}), Fault);
  CHECK_THROWS_AS(recipe_from({}), Fault);
}

TEST_CASE("a toolchain is looked for once") {
  const Toolchain& first = workshop::toolchain();
  const Toolchain again = find_toolchain(workshop::cache());
  CHECK(again.id == first.id);
  CHECK(again.compiler == first.compiler);
  CHECK(again.clang.files == first.clang.files);
  CHECK(again.header_folders == first.header_folders);
  CHECK(again.static_link.after == first.static_link.after);
  CHECK(first.compiler.rfind("clang ", 0) == 0);
}

TEST_CASE("functions are matched by their whole name") {
  CHECK(names_function("a::b::f(int)", "a::b::f"));
  CHECK(names_function("a::b::f[abi:cxx11](int)", "a::b::f"));
  CHECK_FALSE(names_function("a::b::fg(int)", "a::b::f"));
  CHECK_FALSE(names_function("a::b::f", "a::b::f"));
  CHECK_FALSE(names_function("x::a::b::f(int)", "a::b::f"));
}

TEST_CASE("a function that the header does not declare is the manifest's fault") {
  kata::catalog::Exercise exercise = workshop::exercise("toy/twice");
  exercise.manifest.functions = {"thrice"};
  CHECK_THROWS_AS(entry_points(Object(), exercise, false), Fault);
}
