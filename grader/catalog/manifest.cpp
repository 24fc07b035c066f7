// See manifest.hpp.
#include "catalog/manifest.hpp"

#include <algorithm>
#include <functional>

#include "catalog/json_reader.hpp"

namespace kata::catalog {

namespace {

constexpr std::size_t kMaxTitle = 200;
constexpr std::size_t kMaxHint = 2000;
constexpr std::size_t kMaxEntries = 64;  // of any array
constexpr int kMaxMinutes = 100000;
constexpr double kMaxPoints = 1000;

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_identifier(std::string_view text) {
  const auto letter = [](char c) { return is_lower(c) || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !text.empty() && text.size() <= 100 && letter(text[0]) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return letter(c) || is_digit(c); });
}

/// Eigen/SVD, Eigen/src/SVD/JacobiSVD.h, algorithm.
bool is_header(std::string_view text) {
  const auto taken = [](char c) {
    return is_lower(c) || is_digit(c) || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' ||
           c == '.' || c == '+' || c == '/';
  };
  return !text.empty() && text.size() <= 200 && text.front() != '/' && text.back() != '/' &&
         text.find("..") == std::string_view::npos && std::all_of(text.begin(), text.end(), taken);
}

/// An array of strings, each as `good` wants it, none twice.
std::vector<std::string> strings(const Node& node, const std::string& must_all,
                                 const std::string& must,
                                 const std::function<bool(std::string_view)>& good) {
  std::vector<std::string> out;
  for (const Node& element : node.elements(must_all)) {
    const std::string text = element.line(must, 200);
    if (!good(text)) element.fail("is " + in_quotes(text) + ", must be " + must);
    if (std::find(out.begin(), out.end(), text) != out.end())
      element.fail("names " + in_quotes(text) + " a second time");
    out.push_back(text);
  }
  if (out.size() > kMaxEntries) node.fail("has more than " + std::to_string(kMaxEntries));
  return out;
}

void read_points(const Node& node, Manifest& manifest) {
  node.check_keys({"correctness", "speed"});
  const auto points = [&](const char* key) {
    return node.at(key).number("a number of points", 0, kMaxPoints, "0 to 1000");
  };
  manifest.correctness_points = points("correctness");
  manifest.speed_points = points("speed");
  if (manifest.correctness_points == 0) node.fail("gives no points for a correct answer");
}

void read_source(const Node& node, Manifest& manifest) {
  node.check_keys({"section", "questions", "errata"});
  manifest.source_section = node.at("section").line("the name of a section", kMaxTitle);
  manifest.source_questions = strings(node.at("questions"), "an array of question ids",
                                      "a question id", [](std::string_view) { return true; });
  for (const Node& number : node.at("errata").elements("an array of numbers of errata"))
    manifest.source_errata.push_back(
        number.integer("the number of an erratum", 1, 100000, "1 or more"));
}

Text read_text(const Node& node, const std::string& must, std::size_t max_bytes) {
  node.check_keys({"en", "zh"});
  return {node.at("en").line(must, max_bytes), node.at("zh").line(must, max_bytes)};
}

void read_limits(const Node& node, Manifest& manifest) {
  node.check_keys({"seconds", "megabytes"});
  manifest.seconds = node.at("seconds").number("a number of seconds", 0.01, 3600, "0.01 to 3600");
  manifest.megabytes =
      node.at("megabytes").integer("a whole number of megabytes", 16, 1 << 20, "16 or more");
}

void read_speed(const Node& node, Manifest& manifest) {
  if (node.value().is_null()) {
    if (manifest.speed_points > 0)
      node.fail("is null, but /points/speed promises points for speed");
    return;
  }
  node.check_keys({"cases", "full_marks"});
  const Node cases = node.at("cases");
  for (const Node& one : cases.elements("an array of timed cases")) {
    SpeedCase speed_case;
    for (const auto& [name, size] : one.members("an object of sizes")) {
      if (!is_identifier(name)) size.fail("is not a name for a size");
      speed_case.sizes[name] = size.number("a size", 0, 1e15, "0 or more");
    }
    if (speed_case.sizes.empty()) one.fail("has no size");
    manifest.speed_cases.push_back(std::move(speed_case));
  }
  if (manifest.speed_cases.empty()) cases.fail("has no case");
  const Node full_marks = node.at("full_marks");
  const std::string must =
      "the name of an answer whose time earns full marks, such as "
      "alternative_eigen";
  manifest.speed_full_marks = full_marks.line(must, 100);
  if (!is_name(manifest.speed_full_marks))
    full_marks.fail("is " + in_quotes(manifest.speed_full_marks) + ", must be " + must);
}

}  // namespace

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && is_lower(text[0]) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_lower(c) || is_digit(c) || c == '_'; });
}

bool is_id(std::string_view text) {
  const auto slash = text.find('/');
  return slash != std::string_view::npos && is_name(text.substr(0, slash)) &&
         is_name(text.substr(slash + 1));
}

Manifest parse_manifest(std::string_view text, const std::string& file) {
  const nlohmann::json json = parse_json(text, file);
  const Node root(json, file);
  root.check_keys({"title", "title_zh", "order", "level", "minutes", "paths", "points", "source",
                   "functions", "given", "prerequisites", "hints", "limits", "speed"},
                  {"forbidden", "free_groups"});
  Manifest m;
  m.title = {root.at("title").line("a title", kMaxTitle),
             root.at("title_zh").line("a title in Chinese", kMaxTitle)};
  m.order = root.at("order").integer("a whole number", 0, 1000000, "0 or more");
  m.level = root.at("level").integer("a level", 1, 4, "1 to 4");
  m.minutes = root.at("minutes").integer("a whole number of minutes", 1, kMaxMinutes, "1 or more");
  for (const auto& [name, day] : root.at("paths").members("an object of learning paths")) {
    if (!is_name(name)) day.fail("is not a name for a learning path: a-z, 0-9 and _ only");
    m.paths[name] = day.integer("a day of the path", 1, 10000, "1 or more");
  }
  read_points(root.at("points"), m);
  read_source(root.at("source"), m);

  m.functions = strings(root.at("functions"), "an array of names of functions",
                        "the name of a function", is_identifier);
  if (m.functions.empty()) root.at("functions").fail("is empty: name the functions to write");
  const std::string ids = "an array of exercise ids";
  const std::string id = "an exercise id, topic/name in a-z, 0-9 and _";
  m.given = strings(root.at("given"), ids, id, is_id);
  m.prerequisites = strings(root.at("prerequisites"), ids, id, is_id);
  if (root.has("free_groups"))
    m.free_groups = strings(root.at("free_groups"), "an array of property groups",
                            "the name of a property group", is_identifier);
  if (root.has("forbidden"))
    m.forbidden = strings(root.at("forbidden"), "an array of headers",
                          "the name of a header, such as Eigen/SVD", is_header);

  for (const Node& hint : root.at("hints").elements("an array of hints"))
    m.hints.push_back(read_text(hint, "a hint", kMaxHint));
  if (m.hints.empty()) root.at("hints").fail("is empty: a stuck learner needs at least one hint");
  read_limits(root.at("limits"), m);
  read_speed(root.at("speed"), m);
  return m;
}

Topic parse_topic(std::string_view text, const std::string& id, const std::string& file) {
  const nlohmann::json json = parse_json(text, file);
  const Node root(json, file);
  root.check_keys({"title", "title_zh", "order"});
  Topic topic;
  topic.id = id;
  topic.title = {root.at("title").line("a title", kMaxTitle),
                 root.at("title_zh").line("a title in Chinese", kMaxTitle)};
  topic.order = root.at("order").integer("a whole number", 0, 1000000, "0 or more");
  return topic;
}

}  // namespace kata::catalog
