// Manifests: everything that is right is read, everything else is a sentence.
#include "catalog/manifest.hpp"

#include "catalog/fixture.hpp"
#include "catalog/json_reader.hpp"
#include "check.hpp"

namespace kata::catalog {
namespace {

using nlohmann::json;
using testing::good_manifest;
using testing::thrown;

std::string complaint(const std::string& text) {
  return thrown<ManifestError>([&] { parse_manifest(text, "e.json"); });
}
std::string complaint(const char* pointer, const json& value) {
  json manifest = good_manifest();
  manifest[json::json_pointer(pointer)] = value;
  return complaint(manifest.dump());
}

TEST_CASE("a manifest is read whole") {
  const Manifest m = parse_manifest(good_manifest().dump(), "e.json");
  CHECK(m.title.en == "BatchNorm backward in closed form");
  CHECK(m.title.zh == "批归一化反向传播（闭式）");
  CHECK(m.order == 50);
  CHECK(m.level == 3);
  CHECK(m.minutes == 30);
  CHECK(m.paths == std::map<std::string, int>{{"two_weeks", 15}});
  CHECK(m.correctness_points == 8);
  CHECK(m.speed_points == 2);
  CHECK(m.source_section == "Batch Normalization");
  CHECK(m.source_questions == std::vector<std::string>{"bn-backward"});
  CHECK(m.source_errata == std::vector<int>{69, 70});
  CHECK(m.functions == std::vector<std::string>{"batchnorm_backward"});
  CHECK(m.given.empty());
  CHECK(m.forbidden == std::vector<std::string>{"Eigen/SVD"});
  CHECK(m.free_groups == std::vector<std::string>{"contract"});
  REQUIRE(m.hints.size() == 2);
  CHECK(m.hints[1].zh == "两条路径。");
  CHECK(m.seconds == 2.5);
  CHECK(m.megabytes == 256);
  REQUIRE(m.speed_cases.size() == 2);
  CHECK(m.speed_cases[0].sizes.at("features") == 1024);
  CHECK(m.speed_full_marks == "alternative_eigen");
}

TEST_CASE("a manifest without a speed part has no cases") {
  json manifest = good_manifest();
  manifest["speed"] = nullptr;
  manifest["points"]["speed"] = 0;
  manifest.erase("forbidden");
  manifest.erase("free_groups");
  const Manifest m = parse_manifest(manifest.dump(), "e.json");
  CHECK(m.speed_cases.empty());
  CHECK(m.speed_full_marks.empty());
  CHECK(m.forbidden.empty());
  CHECK(m.free_groups.empty());
}

TEST_CASE("the sentence names the file, the place, what is there and what must be") {
  CHECK(complaint("/points/correctness", "eight") ==
        "e.json, /points/correctness: is a string, must be a number of points");
  CHECK(complaint("/points/correctness", -1) ==
        "e.json, /points/correctness: is the number -1, must be a number of points, 0 to 1000");
  CHECK(complaint("/level", 5) == "e.json, /level: is the number 5, must be a level, 1 to 4");
  CHECK(complaint("/minutes", 0) ==
        "e.json, /minutes: is the number 0, must be a whole number of minutes, 1 or more");
  CHECK(complaint("/functions", json::array()) ==
        "e.json, /functions: is empty: name the functions to write");
  CHECK(complaint("/hints/1", "Two paths.") == "e.json, /hints/1: is a string, must be an object");
  CHECK(complaint("/speed", nullptr) ==
        "e.json, /speed: is null, but /points/speed promises points for speed");
  CHECK(complaint("/forbidden/0", "../passwd") ==
        "e.json, /forbidden/0: is \"../passwd\", must be the name of a header, such as Eigen/SVD");
  CHECK(complaint("[]") == "e.json: is an array, must be an object");
}

TEST_CASE("a missing key is named") {
  const json whole = good_manifest();
  for (const auto& item : whole.items()) {
    if (item.key() == "forbidden" || item.key() == "free_groups") continue;
    json manifest = good_manifest();
    manifest.erase(item.key());
    CHECK(complaint(manifest.dump()) == "e.json: lacks the key \"" + item.key() + "\"");
  }
}

TEST_CASE("an unknown key is refused, with the nearest known one") {
  CHECK(complaint("/mintues", 3) ==
        "e.json, /mintues: is not a known key; the nearest is \"minutes\"");
  CHECK(complaint("/points/zeal", 3) == "e.json, /points/zeal: is not a known key");
  CHECK(complaint("/a~1b", 3) == "e.json, /a~1b: is not a known key");
}

TEST_CASE("every value of a wrong type is refused at its place") {
  const json flat = good_manifest().flatten();
  std::vector<std::string> pointers;
  for (const auto& item : flat.items()) {
    for (std::string p = item.key(); !p.empty(); p = p.substr(0, p.rfind('/')))
      pointers.push_back(p);
  }
  const std::vector<json> junk = {nullptr,
                                  true,
                                  -7,
                                  1e300,
                                  0.5,
                                  "",
                                  "\x01 \x1b[0m",
                                  json::array(),
                                  json::object(),
                                  json{{"x", 1}},
                                  json::array({json::array({1})})};
  int refused = 0;
  for (const std::string& pointer : pointers) {
    const json was = good_manifest()[json::json_pointer(pointer)];
    for (const json& value : junk) {
      if (was.type() == value.type() || (was.is_number() && value.is_number())) continue;
      if (pointer == "/speed" && value.is_null()) continue;  // refused for another reason
      const std::string said = complaint(pointer.c_str(), value);
      INFO(pointer << " = " << value.dump() << " gives: " << said);
      if (pointer == "/given" || pointer == "/prerequisites") continue;
      CHECK(said.rfind("e.json, " + pointer, 0) == 0);
      refused += said != "nothing";
    }
  }
  CHECK(refused > 200);
}

TEST_CASE("numbers that do not fit are refused") {
  for (const char* number : {"-1", "0.5", "1e3", "99999999999", "-99999999999999999999",
                             "18446744073709551615", "1e999", "NaN", "Infinity", "0x3", "03"}) {
    std::string text = good_manifest().dump();
    const std::string level = "\"level\":3";
    text.replace(text.find(level), level.size(), std::string("\"level\":") + number);
    INFO(number);
    CHECK(complaint(text).rfind("e.json", 0) == 0);
  }
}

TEST_CASE("a manifest cut short at any byte is refused") {
  const std::string whole = good_manifest().dump();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::string said = complaint(whole.substr(0, size));
    if (said.rfind("e.json: is not valid JSON: line 1, column ", 0) != 0)
      FAIL("cut at " << size << " gives: " << said);
  }
}

TEST_CASE("a manifest with any byte replaced is read or refused with a sentence") {
  const std::string whole = good_manifest().dump();
  for (const char byte : {'\0', '\xff', '"', '{', ']', '\\', '9'}) {
    for (std::size_t i = 0; i < whole.size(); ++i) {
      std::string text = whole;
      text[i] = byte;
      const std::string said = complaint(text);  // anything but ManifestError ends the test
      for (const char c : said)
        if (c >= 0 && c < ' ') FAIL("a control character in: " << said);
    }
  }
}

TEST_CASE("deep nesting is refused before it can overflow a stack") {
  const std::string said = "e.json: is nested deeper than 32 levels";
  CHECK(complaint(std::string(100000, '[')) == said);
  std::string objects;
  for (int i = 0; i < 20000; ++i) objects += "{\"a\":";
  CHECK(complaint(objects) == said);
}

TEST_CASE("a key that stands there twice is refused, since one of them would be lost") {
  std::string text = good_manifest().dump();
  text.insert(1, "\"level\":1,");
  CHECK(complaint(text) == "e.json: has the key \"level\" twice");
  CHECK(complaint(R"({"points": {"speed": 1, "speed": 2}})") ==
        "e.json, /points: has the key \"speed\" twice");
}

TEST_CASE("a huge manifest is refused by its size") {
  CHECK(complaint(std::string(kMaxJsonBytes + 1, ' ')) == "e.json: is larger than 256 KiB");
}

TEST_CASE("a name that was given twice in a list is refused") {
  CHECK(complaint("/functions", json::array({"f", "f"})) ==
        "e.json, /functions/1: names \"f\" a second time");
}

TEST_CASE("a name becomes a namespace, so its characters are few") {
  for (const char* good : {"adam", "conv2d", "second_order"}) CHECK(is_name(good));
  for (const char* bad : {"", "2d", "Adam", "a-b", "a/b", "../a", "_a", "a b", "é"})
    CHECK_FALSE(is_name(bad));
  CHECK(is_id("layers/conv2d"));
  for (const char* bad : {"conv2d", "layers/", "/conv2d", "a/b/c", "../a"}) CHECK_FALSE(is_id(bad));
}

TEST_CASE("a topic is read, and refused like a manifest") {
  const Topic topic = parse_topic(R"({"title": "Optimisers", "title_zh": "优化算法", "order": 30})",
                                  "opt", "t.json");
  CHECK(topic.id == "opt");
  CHECK(topic.title.zh == "优化算法");
  CHECK(topic.order == 30);
  CHECK(thrown<ManifestError>([] { parse_topic("{}", "opt", "t.json"); }) ==
        "t.json: lacks the key \"title\"");
}

}  // namespace
}  // namespace kata::catalog
