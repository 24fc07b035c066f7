#include "builder/flags.hpp"

#include <fstream>

namespace kata::builder {
namespace {

// Strict IEEE arithmetic: nothing is reassociated, and a product joins a sum only within one
// expression, as C allows. The math functions don't set errno (nobody reads it here, and values are
// the same): a loop over std::sqrt is vectorised like the same expression in Eigen.
const std::vector<std::string> kCommon = {"-std=c++20",       "-fno-pic",        "-fno-pie",
                                          "-ffp-contract=on", "-fno-math-errno", "-fno-addrsig",
                                          "-fno-ident",       "-fno-autolink"};

std::vector<std::string> with(const std::vector<std::string>& more) {
  std::vector<std::string> all = kCommon;
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace

std::vector<std::string> arguments_of(Flags flags) {
  switch (flags) {
    case Flags::timed:
      return with({"-O3", "-march=native", "-DNDEBUG"});
    case Flags::asan:
      // Globals are registered by address: by section, as newer versions would, needs a common
      // symbol, which the gate refuses.
      return with({"-O1", "-gline-tables-only", "-fno-omit-frame-pointer", "-D_GLIBCXX_ASSERTIONS",
                   "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-mllvm",
                   "-asan-globals-live-support=0"});
    case Flags::checked:
      break;
  }
  // A local variable that was forgotten reads as NaN, the same in every run.
  return with({"-O1", "-D_GLIBCXX_ASSERTIONS", "-ftrivial-auto-var-init=pattern"});
}

std::string name_of(Flags flags) {
  return flags == Flags::timed ? "timed" : flags == Flags::asan ? "asan" : "checked";
}

std::string machine_of(Flags flags) {
  if (flags != Flags::timed) return {};
  std::ifstream in("/proc/cpuinfo");
  std::string text;
  for (std::string line; std::getline(in, line) && !line.empty();)
    for (const char* key : {"vendor_id", "cpu family", "model", "stepping", "flags", "Features"})
      if (line.rfind(key, 0) == 0) text += line + "\n";
  return text;
}

}  // namespace kata::builder
