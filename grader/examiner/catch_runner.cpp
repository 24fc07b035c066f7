#define CATCH_CONFIG_RUNNER
#include "examiner/catch_runner.hpp"

#include <array>
#include <stdexcept>

#include "examiner/catch.hpp"

namespace kata::examiner {

/// In reporter.cpp, which registers itself and would otherwise not be linked out of the library.
void link_reporter();

namespace {

/// Catch2 allows one session in a process; it may run any number of times.
Catch::Session& session() {
  static Catch::Session instance;
  return instance;
}

}  // namespace

std::vector<std::string> case_names() {
  std::vector<std::string> names;
#if KATA_CATCH3
  for (const Catch::TestCaseHandle& each : Catch::getAllTestCasesSorted(session().config()))
    names.push_back(each.getTestCaseInfo().name);
#else
  for (const Catch::TestCase& each : Catch::getAllTestCasesSorted(session().config()))
    names.push_back(each.name);
#endif
  return names;
}

std::string exactly(const std::string& name) {
  std::string pattern = "\"";
  for (const char c : name) {
    if (c == '"' || c == '\\' || c == ',' || c == '[') pattern += '\\';
    pattern += c;
  }
  return pattern + "\"";
}

void run_cases(const std::string& pattern) {
  link_reporter();
  session().useConfigData({});  // patterns of an earlier run would still hold
  const std::array<const char*, 6> arguments{"examiner", "--reporter", "kata",
                                             "--order",  "decl",       pattern.c_str()};
  if (session().applyCommandLine(static_cast<int>(arguments.size()), arguments.data()) != 0)
    throw std::runtime_error("Catch2 refused the pattern " + pattern);
  session().run();
}

}  // namespace kata::examiner
