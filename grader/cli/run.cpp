// kata run: the verdict on one's own answer to one exercise.
#include <iostream>
#include <memory>

#include "catalog/submission.hpp"
#include "classroom/grade.hpp"
#include "classroom/progress.hpp"
#include "cli/command.hpp"
#include "cli/verdict.hpp"

namespace kata::cli {

namespace {

struct Options {
  std::string id, replay;
  bool json = false;
};

void run(Context& context, const Options& options) {
  const catalog::Exercise& exercise = context.exercise(options.id);
  classroom::Engine& engine = context.engine();
  const std::filesystem::path copy = classroom::provide_stub(context.work(), exercise);
  warn_without_sandbox(engine);
  const catalog::SubmissionFile file =
      catalog::read_submission(context.work(), engine.catalog(), exercise);
  classroom::GradeOptions grading;
  grading.lang = context.lang;
  grading.secret = classroom::fresh_secret();
  grading.replay = options.replay;
  grading.shown_as = context.work().filename().string();
  const report::Exercise verdict = classroom::grade_exercise(engine, exercise, file, grading);
  classroom::Progress progress(context.work());
  if (options.replay.empty()) progress.record(exercise.id, file.text, verdict);
  if (options.json) {
    std::cout << report::to_json(
                     one_exercise_report(engine, context.work(), grading, file, verdict))
              << '\n';
  } else {
    const catalog::Manifest& m = exercise.manifest;
    report::Card card;
    card.title = in(m.title, context.lang);
    card.level = m.level;
    card.minutes = m.minutes;
    const auto hints = static_cast<int>(m.hints.size());
    const classroom::Progress::Entry* entry = progress.find(exercise.id);
    const int seen = entry == nullptr ? 0 : entry->hints;
    if (verdict.status == report::Status::passed) {
      card.next = "kata solution " + exercise.id;
    } else if (verdict.status == report::Status::not_attempted) {
      card.next = "edit " + copy.lexically_proximate(std::filesystem::current_path()).string() +
                  ", then kata run " + exercise.id;
    } else if (seen < hints) {
      card.next = "kata hint " + exercise.id;
      card.next_note =
          std::to_string(seen + 1) + (context.lang == "zh" ? "/" : " of ") + std::to_string(hints);
    }
    std::cout << report::verdict_text(verdict, card, context.style());
  }
  context.exit_status = status_of({verdict});
}

}  // namespace

void add_run(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("run", "Test your answer to one exercise");
  const auto options = std::make_shared<Options>();
  command->add_option("exercise", options->id, "Its id, such as optimizers/adam, or its name alone")
      ->required();
  command->add_option("--replay", options->replay,
                      "Run one failing test again at its seed: the token is in the verdict");
  add_json(*command, options->json);
  command->callback([&context, options] { run(context, *options); });
}

}  // namespace kata::cli
