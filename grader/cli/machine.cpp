// kata setup and kata doctor: is this machine ready?
#include <algorithm>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/command.hpp"

namespace kata::cli {

namespace {

void doctor(Context& context, bool json) {
  classroom::Engine& engine = context.engine();
  const std::vector<sandbox::Layer> layers = sandbox::layers();
  const bool whole = std::all_of(layers.begin(), layers.end(),
                                 [](const sandbox::Layer& l) { return l.active || !l.required; });
  std::string compiler;
  std::string trouble;
  try {
    compiler = engine.builder().compiler();
  } catch (const std::exception& e) {
    trouble = e.what();
  }
  if (json) {
    nlohmann::ordered_json told = nlohmann::ordered_json::array();
    for (const sandbox::Layer& l : layers)
      told.push_back(
          {{"name", l.name}, {"active", l.active}, {"required", l.required}, {"detail", l.detail}});
    std::cout << nlohmann::ordered_json{{"ready", whole && trouble.empty()},
                                        {"compiler", compiler},
                                        {"layers", told}}
                     .dump(2)
              << '\n';
  } else {
    const bool unicode = context.style().unicode;
    std::cout << "The sandbox, each layer tried just now:\n";
    for (const sandbox::Layer& l : layers)
      std::cout << "  " << (l.active ? (unicode ? "✓" : "+") : (unicode ? "✗" : "x")) << ' '
                << l.name << (l.active || l.required ? "" : " (not required)") << "\n      "
                << l.detail << '\n';
    std::cout << "The compiler of answers:\n  "
              << (trouble.empty() ? compiler : "missing: " + trouble) << '\n';
    std::cout
        << (whole ? "Ready: anybody's answers can be graded here.\n"
                  : "Not ready for the answers of others: a required layer is missing. Your own "
                    "answers run, with your own rights.\n");
  }
  context.exit_status = whole && trouble.empty() ? kPassed : kFault;
}

void setup(Context& context) {
  classroom::Engine& engine = context.engine();
  for (const catalog::Exercise& exercise : engine.catalog().exercises()) {
    std::cerr << "preparing " << exercise.id << '\n';
    engine.examiner(exercise);
    engine.builder().prepare(exercise, builder::Flags::checked);
  }
  std::cout << "ready: " << engine.catalog().exercises().size()
            << " exercises; kata list shows them, kata run ID tests your answer\n";
}

}  // namespace

void add_doctor(CLI::App& app, Context& context) {
  CLI::App* command =
      app.add_subcommand("doctor", "Look at each layer of the sandbox, and try to break it");
  const auto json = std::make_shared<bool>(false);
  add_json(*command, *json);
  command->callback([&context, json] { doctor(context, *json); });
}

void add_setup(CLI::App& app, Context& context) {
  CLI::App* command =
      app.add_subcommand("setup", "Build everything now, so that no verdict has to wait for it");
  command->callback([&context] { setup(context); });
}

}  // namespace kata::cli
