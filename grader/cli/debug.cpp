// kata debug: one's own answer and its public tests in one program, under gdb. This is the one
// place where an answer runs outside of the sandbox, with the rights of the person who wrote it.
#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <iostream>
#include <memory>

#include "classroom/progress.hpp"
#include "cli/command.hpp"
#include "sandbox/run.hpp"

namespace kata::cli {

namespace {

namespace fs = std::filesystem;

/// A subject whose functions are called directly.
std::string direct_subject(const catalog::Exercise& e) {
  std::string members;
  for (const std::string& f : e.manifest.functions)
    members += fmt::format(
        "  template <class... A>\n  decltype(auto) {0}(A&&... a) const {{\n"
        "    return ::{1}::{0}(static_cast<A&&>(a)...);\n  }}\n",
        f, e.name_space());
  return fmt::format(
      "#pragma once\n#include \"{0}/{1}/{1}.hpp\"\nnamespace {2} {{\nstruct Subject {{\n{3}}};\n"
      "[[maybe_unused]] inline const Subject subject;\n}}\n",
      e.topic, e.name, e.name_space(), members);
}

fs::path build(classroom::Engine& engine, const catalog::Exercise& e, const fs::path& answer) {
  const fs::path folder = engine.paths().cache / "debug" / e.topic / e.name;
  const fs::path& root = engine.paths().root;
  classroom::write_file(folder / e.topic / e.name / "subject.hpp", direct_subject(e));
  sandbox::Command command;
  command.argv = {"clang++",
                  "-std=c++20",
                  "-g",
                  "-O0",
                  "-D_GLIBCXX_ASSERTIONS",
                  "-isystem",
                  "/usr/include/eigen3",
                  "-I" + folder.string(),
                  "-I" + (root / "exercises").string(),
                  "-I" + (root / "exercises" / "include").string(),
                  "-I" + (root / "grader").string(),
                  "-I" + (root / "grader" / "examiner" / "include").string(),
                  answer.string(),
                  (e.folder / "examples.cpp").string(),
                  (root / "grader" / "cli" / "debug" / "support.cpp").string(),
                  (root / "grader" / "examiner" / "comparing.cpp").string(),
                  "-o",
                  (folder / "debug").string()};
  command.environment = {{"PATH", "/usr/bin:/bin"}};
  command.folder = root;
  command.limits.cpu_seconds = command.limits.wall_seconds = 300;
  command.limits.memory_bytes = std::uint64_t{16} << 30;
  command.limits.file_bytes = std::uint64_t{1} << 30;
  const sandbox::Finished finished = sandbox::run(command);
  if (!finished.ok())
    throw UsageError("your answer does not compile:\n" + finished.reason + finished.err,
                     "kata run " + e.id + " shows the first error alone");
  return folder / "debug";
}

void debug(Context& context, const std::string& id, bool batch) {
  const catalog::Exercise& exercise = context.exercise(id);
  const fs::path answer = classroom::provide_stub(context.work(), exercise);
  if (access("/usr/bin/gdb", X_OK) != 0)
    throw classroom::EngineFault("gdb is not installed: apt-get install gdb");
  std::cerr << "building " << answer.string() << " with its public tests, for gdb\n";
  const std::string program = build(context.engine(), exercise, answer).string();
  std::cerr
      << "catch throw stops where an error is thrown; the answer runs with your own rights here\n";
  std::vector<std::string> words{"gdb", "-q"};
  if (batch) words.insert(words.end(), {"-batch", "-ex", "run", "-ex", "bt"});
  words.insert(words.end(), {"--args", program});
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::cout.flush();
  execvp("gdb", argv.data());
  throw classroom::EngineFault("gdb could not be started");
}

}  // namespace

void add_debug(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("debug", "Run the public tests on your answer under gdb");
  const auto id = std::make_shared<std::string>();
  const auto batch = std::make_shared<bool>(false);
  command->add_option("exercise", *id, "Its id, such as optimizers/adam")->required();
  command->add_flag("--batch", *batch, "Only run, and print the stack where it stops");
  command->callback([&context, id, batch] { debug(context, *id, *batch); });
}

}  // namespace kata::cli
