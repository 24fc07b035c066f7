// kata hint, solution, reset: what a learner asks for between two verdicts.
#include <ctime>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>

#include "classroom/progress.hpp"
#include "cli/command.hpp"

namespace kata::cli {

namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) throw classroom::EngineFault("cannot read " + path.string());
  return text.str();
}

void hint(Context& context, const std::string& id, int number) {
  const catalog::Exercise& exercise = context.exercise(id);
  const std::vector<catalog::Text>& hints = exercise.manifest.hints;
  const auto count = static_cast<int>(hints.size());
  classroom::Progress progress(context.work());
  const classroom::Progress::Entry* entry = progress.find(exercise.id);
  const int seen = entry == nullptr ? 0 : entry->hints;
  const int which = number > 0 ? number : std::min(seen + 1, count);
  if (which > count)
    throw UsageError(exercise.id + " has " + std::to_string(count) + " hints",
                     "kata hint " + exercise.id + " shows the next one");
  std::cout << "hint " << which << " of " << count << "\n\n"
            << in(hints[static_cast<std::size_t>(which - 1)], context.lang) << '\n';
  if (number == 0 && seen >= count)
    std::cout << "\nThat was the last one. kata solution " << exercise.id
              << " --give-up shows the answer.\n";
  progress.record_hints(exercise.id, std::max(seen, which));
}

void solution(Context& context, const std::string& id, bool give_up) {
  const catalog::Exercise& exercise = context.exercise(id);
  const classroom::Progress progress(context.work());
  const bool passed = progress.state(context.engine().catalog(), exercise) == "passed";
  if (!passed && !give_up)
    throw UsageError(
        "your answer to " + exercise.id + " has not passed yet",
        "kata hint " + exercise.id + ", or kata solution " + exercise.id + " --give-up");
  const fs::path whiteboard = exercise.solutions / "whiteboard.cpp";
  if (!fs::exists(whiteboard))
    throw UsageError("this copy of the suite holds no solutions", "ask your instructor");
  const fs::path notes = exercise.solutions / (context.lang == "zh" ? "NOTES.zh.md" : "NOTES.md");
  std::cout << read(whiteboard);
  if (fs::exists(notes)) std::cout << '\n' << read(notes);
}

void reset(Context& context, const std::string& id) {
  const catalog::Exercise& exercise = context.exercise(id);
  const fs::path copy = context.work() / exercise.submission_path();
  if (fs::exists(copy)) {
    std::time_t now = std::time(nullptr);
    std::tm local{};
    localtime_r(&now, &local);
    char stamp[32];
    std::strftime(stamp, sizeof stamp, "%Y%m%d-%H%M%S", &local);
    fs::path backup = context.work() / ".kata" / "backup" /
                      (exercise.topic + "-" + exercise.name + "-" + stamp + ".cpp");
    for (int n = 2; fs::exists(backup); ++n)
      backup.replace_filename(exercise.topic + "-" + exercise.name + "-" + stamp + "-" +
                              std::to_string(n) + ".cpp");
    fs::create_directories(backup.parent_path());
    fs::rename(copy, backup);
    std::cout << "your answer is kept in " << backup.string() << '\n';
  }
  std::cout << classroom::provide_stub(context.work(), exercise).string() << " is the stub again\n";
}

}  // namespace

void add_hint(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("hint", "Show the next hint of an exercise");
  const auto id = std::make_shared<std::string>();
  const auto number = std::make_shared<int>(0);
  command->add_option("exercise", *id, "Its id, such as optimizers/adam")->required();
  command->add_option("--number", *number, "This one instead: 1, 2 or 3")
      ->check(CLI::PositiveNumber);
  command->callback([&context, id, number] { hint(context, *id, *number); });
}

void add_solution(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand(
      "solution", "Show the whiteboard answer and the notes, once yours has passed");
  const auto id = std::make_shared<std::string>();
  const auto give_up = std::make_shared<bool>(false);
  command->add_option("exercise", *id, "Its id, such as optimizers/adam")->required();
  command->add_flag("--give-up", *give_up, "Show it although yours has not passed");
  command->callback([&context, id, give_up] { solution(context, *id, *give_up); });
}

void add_reset(CLI::App& app, Context& context) {
  CLI::App* command =
      app.add_subcommand("reset", "Start an exercise again; your answer is kept as a backup");
  const auto id = std::make_shared<std::string>();
  command->add_option("exercise", *id, "Its id, such as optimizers/adam")->required();
  command->callback([&context, id] { reset(context, *id); });
}

}  // namespace kata::cli
