// See test_list.hpp.
#include "report/test_list.hpp"

#include <algorithm>
#include <vector>

#include "report/text.hpp"

namespace kata::report {

namespace {

/// One line of the list: a public test by its name, hidden tests by their property.
struct Entry {
  std::string label;
  Status status;
  int passed = 0, all = 0;
};

/// A group's tag is a word for programs: weight_decay.
std::string property(std::string group) {
  std::replace(group.begin(), group.end(), '_', ' ');
  return group;
}

std::vector<Entry> entries(const Exercise& exercise, bool hidden, const Pen& pen) {
  std::vector<Entry> out;
  for (const Test& test : exercise.tests) {
    if ((test.visibility == "hidden") != hidden) continue;
    const bool by_group = hidden && !test.group.empty();
    const std::string label =
        pen.line(by_group ? property(test.group) : without_prefix(test.name, exercise.id));
    const bool passed = test.status == Status::passed;
    const auto same = std::find_if(out.begin(), out.end(),
                                   [&](const Entry& entry) { return entry.label == label; });
    if (!by_group || same == out.end()) {
      out.push_back({label, test.status, passed, 1});
      continue;
    }
    same->passed += passed;
    ++same->all;
    // A failure of any test is the property's; a property that was half run is not yet passed.
    if ((same->status == Status::passed || same->status == Status::not_run) && !passed)
      same->status = test.status;
  }
  for (Entry& entry : out)
    if (entry.all > 1 && entry.status != Status::passed && entry.status != Status::not_run)
      entry.label = filled(pen.words().partly, entry.label, entry.passed, entry.all);
  return out;
}

/// What all tests that were not run say for themselves, if they say the same.
std::string why_not_run(const Exercise& exercise, bool hidden) {
  std::string why;
  for (const Test& test : exercise.tests) {
    if ((test.visibility == "hidden") != hidden || test.status != Status::not_run) continue;
    if (!why.empty() && why != test.message) return "";
    why = test.message;
  }
  return why;
}

}  // namespace

const Test* first_failure(const Exercise& exercise) {
  const auto at = std::find_if(exercise.tests.begin(), exercise.tests.end(), [](const Test& t) {
    return t.status != Status::passed && t.status != Status::not_run;
  });
  return at == exercise.tests.end() ? nullptr : &*at;
}

std::string without_prefix(const std::string& name, const std::string& id) {
  const auto slash = id.rfind('/');
  const std::string prefix = id.substr(slash == std::string::npos ? 0 : slash + 1) + ": ";
  return name.rfind(prefix, 0) == 0 ? name.substr(prefix.size()) : name;
}

std::string tests_block(const Exercise& exercise, bool hidden, const Pen& pen) {
  const Words& w = pen.words();
  const int label_width = std::max(display_width(w.is_public), display_width(w.is_hidden)) + 3;
  const int room = pen.width() - kIndentWidth - label_width;
  const int column = room / 2;
  std::vector<std::string> rows;
  int skipped = 0;
  int used = 0;  // columns of the last row
  for (const Entry& entry : entries(exercise, hidden, pen)) {
    if (entry.status == Status::not_run) {
      ++skipped;
      continue;
    }
    const int width = display_width(entry.label) + 2;
    const bool beside = used > 0 && used <= column - 2 && width <= room - column;
    if (beside)
      rows.back() += spaces(column - used);
    else
      rows.emplace_back();
    used = beside ? room : width;
    const std::vector<std::string> lines = wrap(entry.label, room - 2);
    rows.back() += pen.mark(entry.status) + " " + lines[0];
    for (std::size_t i = 1; i < lines.size(); ++i) rows.push_back("  " + lines[i]);
  }
  if (skipped > 0) {
    const std::string why = pen.line(why_not_run(exercise, hidden));
    const std::string text =
        filled(w.not_run, skipped) + (why.empty() ? "" : std::string(w.colon) + why);
    const std::vector<std::string> lines = wrap(text, room - 2);
    for (std::size_t i = 0; i < lines.size(); ++i)
      rows.push_back((i == 0 ? pen.mark(Status::not_run) + " " : "  ") + lines[i]);
  }
  std::string out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::string label = i > 0 ? "" : hidden ? w.is_hidden : w.is_public;
    out += kIndent + pen.ink(Ink::dim, label) + spaces(label_width - display_width(label)) +
           rows[i] + "\n";
  }
  return out;
}

}  // namespace kata::report
