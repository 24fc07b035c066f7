#include "cli/command.hpp"

#include <langinfo.h>
#include <locale.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

namespace kata::cli {

classroom::Engine& Context::engine() {
  if (!engine_) engine_ = std::make_unique<classroom::Engine>(classroom::Paths::find());
  return *engine_;
}

report::Style Context::style() const {
  report::Style style;
  style.lang = lang;
  const bool terminal = isatty(STDOUT_FILENO) != 0;
  const char* no_colour = std::getenv("NO_COLOR");  // NOLINT(concurrency-mt-unsafe)
  const char* kind = std::getenv("TERM");           // NOLINT(concurrency-mt-unsafe)
  style.colour = terminal && (no_colour == nullptr || *no_colour == '\0') &&
                 (kind == nullptr || std::strcmp(kind, "dumb") != 0);
  setlocale(LC_CTYPE, "");  // NOLINT(concurrency-mt-unsafe): before any thread
  style.unicode = std::strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
  winsize size{};
  if (terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    style.width = size.ws_col;
  return style;
}

const catalog::Exercise& Context::exercise(const std::string& id) {
  const catalog::Catalog& catalog = engine().catalog();
  if (const catalog::Exercise* found = catalog.find(id)) return *found;
  const std::vector<std::string> near = catalog.nearest(id);
  throw UsageError(
      "no exercise is called '" + id + "'",
      near.empty() ? "kata list shows them all" : "the nearest name is " + near.front());
}

const std::string& in(const catalog::Text& text, const std::string& lang) {
  return lang == "zh" && !text.zh.empty() ? text.zh : text.en;
}

void add_json(CLI::App& command, bool& json) {
  command.add_flag("--json", json, "Answer in JSON, for a program");
}

}  // namespace kata::cli
