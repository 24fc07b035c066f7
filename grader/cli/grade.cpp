// kata grade: a submission, whole. kata demo: the bundled ones.
#include <charconv>
#include <iostream>
#include <memory>
#include <thread>

#include "catalog/submission.hpp"
#include "classroom/grade.hpp"
#include "classroom/progress.hpp"
#include "cli/command.hpp"
#include "cli/verdict.hpp"

namespace kata::cli {

namespace {

namespace fs = std::filesystem;

struct Options {
  std::string folder;
  std::vector<std::string> exercises;
  std::string report;
  std::string seed;
  double deadline = 0;
  int jobs = 0;
};

std::uint64_t parse_seed(const std::string& text) {
  if (text.empty()) return classroom::fresh_secret();
  std::uint64_t seed = 0;
  const bool hexadecimal = text.size() > 2 && text[0] == '0' && text[1] == 'x';
  const char* begin = text.data() + (hexadecimal ? 2 : 0);
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(begin, end, seed, hexadecimal || text.size() == 16 ? 16 : 10);
  if (parsed.ec != std::errc() || parsed.ptr != end)
    throw UsageError("'" + text + "' is no seed",
                     "a seed is a whole number, or the 16 hexadecimal digits of a report");
  return seed;
}

bool is_same(const fs::path& a, const fs::path& b) {
  std::error_code error;
  return fs::equivalent(a, b, error) && !error;
}

/// Someone else's code runs only in the whole sandbox.
void require_sandbox(const classroom::Engine& engine, bool own_work) {
  if (engine.sandboxed()) return;
  if (own_work) return warn_without_sandbox(engine);
  std::string why;
  for (const sandbox::Layer& layer : engine.layers())
    if (!layer.active && layer.required) why += "\n  " + layer.name + ": " + layer.detail;
  throw classroom::EngineFault(
      "someone else's code is not run without the whole sandbox, and here is missing:" + why);
}

std::vector<const catalog::Exercise*> chosen(Context& context, const fs::path& folder,
                                             const std::vector<std::string>& ids) {
  if (!fs::is_directory(folder))
    throw UsageError("there is no folder " + folder.string(),
                     "name the folder that holds the answers, such as kata grade work");
  std::vector<const catalog::Exercise*> which;
  for (const std::string& id : ids) which.push_back(&context.exercise(id));
  if (!ids.empty()) return which;
  which = catalog::find_exercises(folder, context.engine().catalog());
  if (which.empty())
    throw UsageError("the folder " + folder.string() + " holds no answer to any exercise",
                     "an answer is called <topic>/<name>.cpp, such as optimizers/adam.cpp; kata "
                     "list shows the ids");
  return which;
}

/// Reports go to a file beside the summary, or alone to standard output.
void write_reports(const std::string& where, const std::string& json) {
  if (where == "-")
    std::cout << json << '\n';
  else
    classroom::write_file(where, json + "\n");
}

report::Report grade_folder(Context& context, const fs::path& folder, const Options& options,
                            std::ostream& text) {
  classroom::Engine& engine = context.engine();
  classroom::GradeOptions grading;
  grading.own = is_same(folder, engine.paths().root / "solutions");
  require_sandbox(engine, grading.own || is_same(folder, engine.paths().work));
  grading.lang = context.lang;
  grading.secret = parse_seed(options.seed);
  grading.deadline_s = options.deadline;
  grading.jobs = options.jobs > 0
                     ? options.jobs
                     : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  const std::vector<const catalog::Exercise*> which = chosen(context, folder, options.exercises);
  const bool terminal = context.style().colour;
  std::size_t done = 0;
  report::Report report =
      classroom::grade_submission(engine, folder, which, grading, [&](const report::Exercise& e) {
        ++done;
        if (terminal)
          std::cerr << "\r\033[K" << done << " of " << which.size() << "  " << e.id << std::flush;
      });
  if (terminal) std::cerr << "\r\033[K";
  text << report::summary_text(report.exercises, context.style());
  return report;
}

void grade(Context& context, const Options& options) {
  const bool only_json = options.report == "-";
  const fs::path folder = options.folder.empty() ? context.work() : fs::path(options.folder);
  const report::Report report =
      grade_folder(context, folder, options, only_json ? std::cerr : std::cout);
  if (!options.report.empty()) write_reports(options.report, report::to_json(report));
  context.exit_status = status_of(report.exercises);
}

void demo(Context& context, const Options& options) {
  const fs::path submissions = context.engine().paths().root / "tests" / "submissions";
  std::ostream& text = options.report == "-" ? std::cerr : std::cout;
  std::vector<fs::path> folders;
  for (const fs::directory_entry& entry : fs::directory_iterator(submissions))
    if (entry.is_directory()) folders.push_back(entry.path());
  std::sort(folders.begin(), folders.end());
  std::vector<report::Report> reports;
  for (const fs::path& folder : folders) {
    text << folder.filename().string() << '\n';
    reports.push_back(grade_folder(context, folder, options, text));
    reports.back().submission.path = "tests/submissions/" + folder.filename().string();
    text << '\n';
    if (status_of(reports.back().exercises) == kFault) context.exit_status = kFault;
  }
  if (!options.report.empty()) write_reports(options.report, report::to_json(reports));
}

void add_common(CLI::App& command, Options& options) {
  command.add_option(
      "--report", options.report,
      "Write the JSON report to this file; - is standard output, and nothing else then");
  command.add_option("--seed", options.seed, "Use this seed instead of a fresh secret one");
  command.add_option("--jobs", options.jobs, "Exercises at a time (default: one a core)")
      ->check(CLI::Range(1, 256));
}

}  // namespace

void add_grade(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand(
      "grade", "Grade a submission: a folder that holds <topic>/<name>.cpp files");
  const auto options = std::make_shared<Options>();
  command->add_option("folder", options->folder, "The submission (default: work/)");
  command->add_option("--exercise", options->exercises, "Only this exercise; may be repeated");
  command
      ->add_option("--deadline", options->deadline,
                   "Begin nothing after this many seconds: it is reported as not run")
      ->check(CLI::PositiveNumber);
  add_common(*command, *options);
  command->callback([&context, options] { grade(context, *options); });
}

void add_demo(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand(
      "demo", "Grade the bundled submissions: right answers, typical mistakes, and worse");
  const auto options = std::make_shared<Options>();
  add_common(*command, *options);
  command->callback([&context, options] { demo(context, *options); });
}

}  // namespace kata::cli
