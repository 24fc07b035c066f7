#include "builder/compile.hpp"

#include "builder/files.hpp"
#include "builder/hash.hpp"
#include "builder/tool_run.hpp"

namespace kata::builder {
namespace {

namespace fs = std::filesystem;

constexpr const char* kVersion = "2";  // of the command line below

void append(std::vector<std::string>& to, const std::vector<std::string>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

// The command up to what is compiled: the whole set of search paths is ours.
std::vector<std::string> command_for(ToolRun& tool, const Setting& setting) {
  std::vector<std::string> arguments = {"--driver-mode=g++", "-no-canonical-prefixes", "-nostdinc",
                                        "-fno-modules"};
  append(arguments, arguments_of(setting.flags));
  append(arguments, {"-ferror-limit=5", "-ftemplate-backtrace-limit=6", "-fmacro-backtrace-limit=2",
                     "-ftemplate-depth=256", "-fconstexpr-depth=256", "-fconstexpr-steps=2000000",
                     "-fno-crash-diagnostics", "-fno-color-diagnostics"});
  append(arguments, {"-I", tool.show(setting.vocabulary, kVocabularyRoot)});
  append(arguments, {"-isystem", tool.show(setting.eigen, kEigenRoot)});
  const std::string root = tool.show(setting.sysroot->folder, kToolchainRoot);
  for (const std::string& folder : setting.sysroot->includes)
    append(arguments, {"-isystem", root + "/" + folder});
  return arguments;
}

constexpr const char* kStandardHeaders = R"(
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <random>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>
)";

constexpr const char* kAssertion = R"(
#include <worker/assertion.hpp>
#define eigen_assert(x) \
  ((x) ? static_cast<void>(0) : ::kata::worker::fail_assertion(#x, __FILE__, __LINE__))
)";

constexpr const char* kVocabulary = R"(
#include <kata/arrays.hpp>
#include <kata/fields.hpp>
#include <kata/not_implemented.hpp>
#include <kata/tensor.hpp>
)";

std::string prefix_text(Flags flags, bool all_of_eigen) {
  std::string text = "#pragma once\n";
  if (flags != Flags::timed) text += kAssertion;
  text += kStandardHeaders;
  text += all_of_eigen ? "#include <Eigen/Dense>\n" : "#include <Eigen/Core>\n";
  return text + kVocabulary;
}

}  // namespace

sandbox::Limits compile_limits() {
  sandbox::Limits limits;
  limits.cpu_seconds = 20;
  limits.wall_seconds = 60;
  limits.memory_bytes = std::uint64_t{2} << 30;
  limits.file_bytes = std::uint64_t{64} << 20;
  limits.output_bytes = std::uint64_t{256} << 10;
  return limits;
}

Compiled compile(const Setting& setting, const Unit& unit, const fs::path& folder) {
  fs::create_directories(folder / "source");
  fs::create_directories(folder / "output");
  write_file(folder / "source" / unit.name, unit.text);

  ToolRun tool(setting.toolchain->clang, setting.boxed);
  std::vector<std::string> arguments = command_for(tool, setting);
  append(arguments, {"-I", tool.show(unit.includes, kIncludeRoot)});
  if (!unit.prefix.folder.empty()) {
    tool.show(unit.prefix.source, kPrefixRoot);
    append(arguments,
           {"-include-pch", tool.show(unit.prefix.folder, kPrecompiledRoot) + "/prefix.pch"});
  }
  append(arguments, unit.arguments);
  const std::string source = tool.show(folder / "source", kSourceRoot);
  const std::string output = tool.lend(folder / "output", kOutputRoot);
  append(arguments, {"-MD", "-MF", output + "/object.d", "-o", output + "/object.o", "-c", "-x",
                     "c++", unit.name});
  tool.limits() = compile_limits();

  Compiled compiled;
  compiled.run = tool.run(arguments, source);
  compiled.run.err = tool.by_inside_names(std::move(compiled.run.err));
  if (compiled.run.ok()) {
    const std::string depfile = tool.by_inside_names(read_file(folder / "output/object.d"));
    write_file(folder / "output/object.d", depfile);
    compiled.dependencies = dependencies_in(depfile);
  }
  return compiled;
}

Precompiled precompiled_header(const Setting& setting, bool all_of_eigen, const fs::path& cache) {
  const std::string text = prefix_text(setting.flags, all_of_eigen);
  Precompiled made{materialise({{"prefix.hpp", text}}, cache / "prefixes", cache), {}};

  Hasher hasher;
  hasher.add(kVersion).add(setting.toolchain->id).add(setting.eigen.filename().string());
  hasher.add(setting.vocabulary.filename().string()).add(text).add(machine_of(setting.flags));
  for (const std::string& argument : arguments_of(setting.flags)) hasher.add(argument);
  // The file names the headers that it was made from: outside of a box they have other names.
  if (!setting.boxed) hasher.add(cache.string());
  made.folder = cache / "precompiled" / (name_of(setting.flags) + "-" + hasher.hex());
  if (fs::is_directory(made.folder)) return made;

  const TemporaryFolder temporary(cache);
  fs::create_directory(temporary / "new");
  ToolRun tool(setting.toolchain->clang, setting.boxed);
  std::vector<std::string> arguments = command_for(tool, setting);
  const std::string output = tool.lend(temporary / "new", kPrecompiledRoot);
  append(arguments, {"-Xclang", "-fpch-instantiate-templates", "-MD", "-MF", output + "/prefix.d",
                     "-x", "c++-header", "-o", output + "/prefix.pch",
                     tool.show(made.source, kPrefixRoot) + "/prefix.hpp"});
  tool.limits().file_bytes = std::uint64_t{256} << 20;
  tool.limits().cpu_seconds = 120;
  tool.limits().wall_seconds = 300;
  const sandbox::Finished run = tool.run(arguments);
  if (!run.ok())
    throw Fault("The precompiled header could not be built. " + run.reason +
                run.err.substr(0, 2000));
  const std::string depfile = tool.by_inside_names(read_file(temporary / "new/prefix.d"));
  write_file(temporary / "new/prefix.d", depfile);
  publish(temporary / "new", made.folder);
  return made;
}

std::vector<std::string> Precompiled::dependencies() const {
  return dependencies_in(read_file(folder / "prefix.d"));
}

std::vector<std::string> dependencies_in(const std::string& depfile) {
  std::vector<std::string> files;
  std::string word;
  const auto finish = [&] {
    if (!word.empty()) files.push_back(word);
    word.clear();
  };
  std::size_t i = depfile.find(": ");
  if (i == std::string::npos) return files;
  for (i += 2; i < depfile.size(); ++i) {
    const char c = depfile[i];
    if (c == '\\' && i + 1 < depfile.size() && depfile[i + 1] == '\n') {
      ++i;
      finish();
    } else if ((c == '\\' || c == '$') && i + 1 < depfile.size()) {
      word += depfile[++i];
    } else if (c == ' ' || c == '\n') {
      finish();
    } else {
      word += c;
    }
  }
  finish();
  return files;
}

}  // namespace kata::builder
