// kata list: the exercises, by topic, with how far one is.
#include <fmt/format.h>

#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "classroom/progress.hpp"
#include "cli/command.hpp"

namespace kata::cli {

namespace {

using Json = nlohmann::ordered_json;

Json to_json(const catalog::Exercise& e, const std::string& state) {
  const catalog::Manifest& m = e.manifest;
  return Json{{"id", e.id},
              {"title", m.title.en},
              {"title_zh", m.title.zh},
              {"topic", e.topic},
              {"order", m.order},
              {"level", m.level},
              {"minutes", m.minutes},
              {"points", m.correctness_points + m.speed_points},
              {"functions", m.functions},
              {"state", state}};
}

void list(Context& context, bool json) {
  const catalog::Catalog& catalog = context.engine().catalog();
  const classroom::Progress progress(context.work());
  if (json) {
    Json all = Json::array();
    for (const catalog::Exercise& e : catalog.exercises())
      all.push_back(to_json(e, progress.state(catalog, e)));
    std::cout << all.dump(2) << '\n';
    return;
  }
  const bool unicode = context.style().unicode;
  for (const catalog::Topic& topic : catalog.topics()) {
    std::cout << in(topic.title, context.lang) << '\n';
    for (const catalog::Exercise& e : catalog.exercises()) {
      if (e.topic != topic.id) continue;
      const std::string state = progress.state(catalog, e);
      const char* mark = state == "passed"          ? (unicode ? "✓" : "+")
                         : state == "not_attempted" ? " "
                                                    : (unicode ? "·" : ".");
      std::cout << fmt::format("  {} {:<32} {:<46} level {} · {} min\n", mark, e.id,
                               in(e.manifest.title, context.lang), e.manifest.level,
                               e.manifest.minutes);
    }
  }
}

}  // namespace

void add_list(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("list", "Show the exercises and how far you are");
  const auto json = std::make_shared<bool>(false);
  add_json(*command, *json);
  command->callback([&context, json] { list(context, *json); });
}

}  // namespace kata::cli
