// The command line. Every command is a file of its own beside this one.
#include <signal.h>
#include <sodium.h>
#include <sys/prctl.h>

#include <cstdlib>
#include <iostream>
#include <string_view>

#include "catalog/submission.hpp"
#include "classroom/version.hpp"
#include "cli/command.hpp"

namespace kata::cli {

namespace {

std::string language_of_locale() {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): before any thread
    if (value != nullptr && *value != '\0')
      return std::string_view(value).substr(0, 2) == "zh" ? "zh" : "en";
  }
  return "en";
}

void say(const std::string& what, const std::string& help) {
  std::cerr << "error: " << what << '\n';
  if (!help.empty()) std::cerr << "  help: " << help << '\n';
}

int run(int argc, char** argv) {
  CLI::App app(
      "Interview practice for deep learning: you fill in a stub, kata says whether it is right,\n"
      "why it is not, and how fast it is.",
      "kata");
  app.set_version_flag("--version", std::string("kata ") + classroom::kVersion);
  app.require_subcommand(1);
  Context context;
  context.lang = language_of_locale();
  app.add_option("--lang", context.lang, "Language of the messages: en or zh")
      ->check(CLI::IsMember({"en", "zh"}))
      ->group("Everywhere");
  app.fallthrough();
  for (const auto add : {add_list, add_run, add_hint, add_solution, add_reset, add_debug, add_grade,
                         add_demo, add_setup, add_doctor, add_dev})
    add(app, context);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& e) {
    return app.exit(e);
  } catch (const CLI::ParseError& e) {
    say(e.what(), "kata --help, or kata COMMAND --help");
    return kUsage;
  } catch (const UsageError& e) {
    say(e.what(), e.help);
    return kUsage;
  } catch (const catalog::SubmissionError& e) {
    say(e.what(), "");
    return kUsage;
  } catch (const std::exception& e) {
    say(e.what(), "kata doctor looks for what is wrong with this machine");
    return kFault;
  }
  std::cout.flush();
  if (!std::cout) {
    say("the output could not be written (is the disk full, or was the pipe closed?)", "");
    return kFault;
  }
  return context.exit_status;
}

}  // namespace

}  // namespace kata::cli

int main(int argc, char** argv) {
  // A reader that closes its pipe is an error to report, not a death in the middle of a write.
  signal(SIGPIPE, SIG_IGN);
  if (sodium_init() < 0) {
    std::cerr << "error: the random generator of the system cannot be used\n";
    return kata::cli::kFault;
  }
  return kata::cli::run(argc, argv);
}
