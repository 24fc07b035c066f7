// The catalogue: found by folders, held against each other, searched by people who mistype.
#include "catalog/catalog.hpp"

#include <sys/stat.h>

#include "catalog/fixture.hpp"
#include "catalog/nearest.hpp"
#include "check.hpp"

namespace kata::catalog {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::add_exercise;
using testing::good_manifest;
using testing::TempFolder;
using testing::thrown;

json with(const char* key, const json& value) {
  json manifest = good_manifest();
  manifest[key] = value;
  return manifest;
}

std::string complaint(const std::vector<Root>& roots) {
  return thrown<ManifestError>([&] { Catalog::load(roots); });
}

std::vector<std::string> ids(const Catalog& catalog) {
  std::vector<std::string> out;
  for (const Exercise& exercise : catalog.exercises()) out.push_back(exercise.id);
  return out;
}

TEST_CASE("exercises are found by their folders and sorted by topic, then order") {
  const TempFolder root;
  add_exercise(root, "optimizers", "adam", with("order", 20));
  add_exercise(root, "optimizers", "sgd", with("order", 10));
  add_exercise(root, "layers", "conv2d");
  root.write("exercises/layers/topic.json", R"({"title": "L", "title_zh": "层", "order": 5})");
  root.write("exercises/layers/README.md", "a page, not an exercise");
  root.write("exercises/include/kata/x.hpp", "");
  root.write("exercises/.cache/x", "");
  const Catalog catalog = Catalog::load({root.path()});
  CHECK(ids(catalog) ==
        std::vector<std::string>{"layers/conv2d", "optimizers/sgd", "optimizers/adam"});
  REQUIRE(catalog.topics().size() == 2);
  CHECK(catalog.topics()[0].id == "layers");

  const Exercise& adam = *catalog.find("optimizers/adam");
  CHECK(adam.folder == root / "exercises/optimizers/adam");
  CHECK(adam.solutions == root / "solutions/optimizers/adam");
  CHECK(adam.stub() == root / "exercises/optimizers/adam/adam.cpp");
  CHECK(adam.submission_path() == "optimizers/adam.cpp");
  CHECK(adam.name_space() == "optimizers::adam");
}

TEST_CASE("the project's own exercises are read, and their files are where they should be") {
  const Catalog catalog = Catalog::load({KATA_SOURCE_DIR});
  REQUIRE_FALSE(catalog.exercises().empty());
  for (const Exercise& exercise : catalog.exercises()) {
    INFO(exercise.id);
    CHECK(fs::is_regular_file(exercise.header()));
    CHECK(fs::is_regular_file(exercise.stub()));
    const std::string& best = exercise.manifest.speed_full_marks;
    if (!best.empty()) CHECK(fs::is_regular_file(exercise.solutions / (best + ".cpp")));
  }
}

TEST_CASE("an exercise is found by id, or by a name that it alone has") {
  const TempFolder root;
  add_exercise(root, "batchnorm", "backward");
  add_exercise(root, "layers", "backward");
  add_exercise(root, "layers", "conv2d");
  const Catalog catalog = Catalog::load({root.path()});
  CHECK(catalog.find("layers/backward")->id == "layers/backward");
  CHECK(catalog.find("conv2d")->id == "layers/conv2d");
  CHECK(catalog.find("backward") == nullptr);
  CHECK(catalog.find("") == nullptr);
  CHECK(catalog.find("layers") == nullptr);
}

TEST_CASE("nothing is skipped silently") {
  const TempFolder root;
  add_exercise(root, "optimizers", "adam");
  SECTION("a folder without a manifest") {
    fs::create_directories(root / "exercises/optimizers/half");
    CHECK(complaint({root.path()}) == "exercises/optimizers/half/exercise.json: does not exist");
  }
  SECTION("a topic without its file") {
    fs::create_directories(root / "exercises/losses");
    CHECK(complaint({root.path()}) == "exercises/losses/topic.json: does not exist");
  }
  SECTION("a name that cannot be a namespace") {
    add_exercise(root, "optimizers", "adam-w");
    CHECK(complaint({root.path()}).rfind("exercises/optimizers/adam-w: the folder's name", 0) == 0);
  }
  SECTION("a broken manifest") {
    root.write("exercises/optimizers/adam/exercise.json", "{");
    CHECK(complaint({root.path()})
              .rfind("exercises/optimizers/adam/exercise.json: is not valid JSON: line 1", 0) == 0);
  }
  SECTION("a manifest that is a FIFO, without waiting for a writer") {
    fs::remove(root / "exercises/optimizers/adam/exercise.json");
    REQUIRE(mkfifo((root / "exercises/optimizers/adam/exercise.json").c_str(), 0600) == 0);
    CHECK(complaint({root.path()}) ==
          "exercises/optimizers/adam/exercise.json: is a FIFO, not a regular file");
  }
  SECTION("a root without exercises") {
    const TempFolder empty;
    CHECK(complaint({empty.path()}) == "exercises: cannot be listed: No such file or directory");
  }
}

TEST_CASE("a private pack adds exercises, and cannot replace one") {
  const TempFolder root;
  const TempFolder pack;
  add_exercise(root, "optimizers", "adam");
  add_exercise(pack, "optimizers", "lion", with("prerequisites", {"optimizers/adam"}));
  const std::string place = (pack / "exercises").string();

  SECTION("its own exercise in a shared topic") {
    const Catalog catalog = Catalog::load({root.path(), pack.path()});
    CHECK(ids(catalog) == std::vector<std::string>{"optimizers/adam", "optimizers/lion"});
    CHECK(catalog.topics().size() == 1);
  }
  SECTION("it may leave out the topic's file") {
    fs::remove(pack / "exercises/optimizers/topic.json");
    CHECK(Catalog::load({root.path(), pack.path()}).exercises().size() == 2);
  }
  SECTION("an id that is taken") {
    add_exercise(pack, "optimizers", "adam");
    CHECK(complaint({root.path(), pack.path()}) ==
          place +
              "/optimizers/adam/exercise.json: the exercise optimizers/adam is already in "
              "exercises/optimizers/adam/exercise.json");
  }
  SECTION("another opinion about a topic") {
    pack.write("exercises/optimizers/topic.json", R"({"title":"O","title_zh":"题","order":1})");
    CHECK(complaint({root.path(), pack.path()}) ==
          place +
              "/optimizers/topic.json: differs from the topic.json of the same topic in an "
              "earlier root");
  }
}

TEST_CASE("what an exercise rests on exists and does not rest on it") {
  const TempFolder root;
  add_exercise(root, "a", "one");
  SECTION("an id that no root holds, with the nearest") {
    add_exercise(root, "a", "two", with("prerequisites", {"a/oen"}));
    CHECK(complaint({root.path()}) ==
          "exercises/a/two/exercise.json, /prerequisites/0: no exercise is called \"a/oen\"; the "
          "nearest is \"a/one\"");
  }
  SECTION("itself") {
    add_exercise(root, "a", "two", with("given", {"a/two"}));
    CHECK(complaint({root.path()}) ==
          "exercises/a/two/exercise.json, /given/0: \"a/two\" leads back to a/two");
  }
  SECTION("a ring") {
    add_exercise(root, "a", "two", with("given", {"a/one", "a/three"}));
    add_exercise(root, "a", "three", with("given", {"a/four"}));
    add_exercise(root, "a", "four", with("given", {"a/two"}));
    CHECK(complaint({root.path()}).find("leads back to a/") != std::string::npos);
  }
  SECTION("a diamond is no ring") {
    add_exercise(root, "a", "two", with("given", {"a/one"}));
    add_exercise(root, "a", "three", with("given", {"a/one"}));
    add_exercise(root, "a", "four", with("given", {"a/two", "a/three"}));
    CHECK(complaint({root.path()}) == "nothing");
  }
}

TEST_CASE("the edit distance counts a swap of neighbours as one edit") {
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("", "adam") == 4);
  CHECK(edit_distance("adam", "adam") == 0);
  CHECK(edit_distance("Adam", "adam") == 0);
  CHECK(edit_distance("adma", "adam") == 1);
  CHECK(edit_distance("dam", "adam") == 1);
  CHECK(edit_distance("adaam", "adam") == 1);
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance("conv2d", "conv3d") == 1);
}

TEST_CASE("the nearest ids are found, best first") {
  const TempFolder root;
  for (const char* name : {"adam", "adamw", "sgd"}) add_exercise(root, "optimizers", name);
  add_exercise(root, "second_order", "lbfgs");
  add_exercise(root, "layers", "conv2d");
  const Catalog catalog = Catalog::load({root.path()});
  const auto first = [&](const std::string& typed) {
    const auto near = catalog.nearest(typed, 1);
    return near.empty() ? std::string("none") : near[0];
  };
  CHECK(first("lbgfs") == "second_order/lbfgs");
  CHECK(first("LBFGS") == "second_order/lbfgs");
  CHECK(first("optimisers/adam") == "optimizers/adam");
  CHECK(first("optimizers/admaw") == "optimizers/adamw");
  CHECK(first("optimizers/conv2d") == "layers/conv2d");
  CHECK(first("conv") == "layers/conv2d");
  CHECK(first("second_order") == "second_order/lbfgs");
  CHECK(first("transformer") == "none");
  CHECK(first("") == "none");
  CHECK(first(std::string(1000000, 'x')) == "none");
  CHECK(catalog.nearest("adam") == std::vector<std::string>{"optimizers/adam", "optimizers/adamw"});
  CHECK(catalog.nearest("adam", 0).empty());
}

}  // namespace
}  // namespace kata::catalog
