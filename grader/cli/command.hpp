// What the commands share: the engine, how to talk, and how to end.
//
// Results go to standard output, progress and context to standard error. Exit statuses: 0 all is
// well, 1 something graded did not pass, 2 wrong usage, 3 kata itself could not do its work.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "classroom/engine.hpp"
#include "report/terminal.hpp"

namespace kata::cli {

inline constexpr int kPassed = 0;
inline constexpr int kNotPassed = 1;
inline constexpr int kUsage = 2;
inline constexpr int kFault = 3;

/// Ends the command with exit status 2. `what` is a fact; `help` a command to run instead.
struct UsageError : std::runtime_error {
  UsageError(const std::string& what, std::string help_)
      : std::runtime_error(what), help(std::move(help_)) {}
  std::string help;
};

class Context {
 public:
  /// Made on first use: --help needs none of it.
  classroom::Engine& engine();
  report::Style style() const;
  /// The exercise of that id or name; an unknown one is a UsageError that names the nearest.
  const catalog::Exercise& exercise(const std::string& id);
  std::filesystem::path work() { return engine().paths().work; }

  std::string lang = "en";
  int exit_status = kPassed;

 private:
  std::unique_ptr<classroom::Engine> engine_;
};

/// Text in the language that was asked for.
const std::string& in(const catalog::Text& text, const std::string& lang);

/// "--format text|json": whether the command answers a program.
void add_json(CLI::App& command, bool& json);

// One function a command; each adds its subcommand to `app`.
void add_list(CLI::App& app, Context& context);
void add_run(CLI::App& app, Context& context);
void add_grade(CLI::App& app, Context& context);
void add_demo(CLI::App& app, Context& context);
void add_hint(CLI::App& app, Context& context);
void add_solution(CLI::App& app, Context& context);
void add_reset(CLI::App& app, Context& context);
void add_debug(CLI::App& app, Context& context);
void add_setup(CLI::App& app, Context& context);
void add_doctor(CLI::App& app, Context& context);
void add_dev(CLI::App& app, Context& context);

}  // namespace kata::cli
