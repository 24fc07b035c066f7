// See terminal.hpp.
#include "report/terminal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "report/pen.hpp"
#include "report/test_list.hpp"
#include "report/text.hpp"

namespace kata::report {

namespace {

constexpr std::size_t kMaxCompilerLines = 12;
constexpr std::size_t kMaxPrintedLines = 6;

// ---------------------------------------------------------------------------------------------
// The header: id, title, level and minutes

std::string header(const Exercise& exercise, const Card& card, const Pen& pen) {
  const Words& w = pen.words();
  const std::string id = pen.line(exercise.id);
  const std::string title = pen.line(card.title.empty() ? exercise.title : card.title);
  std::string right;
  if (card.level > 0)
    right = filled(w.level, card.level) + pen.dot() + filled(w.minutes, card.minutes);
  const int left_width = display_width(id) + 3 + display_width(title);
  const int gap = pen.width() - left_width - display_width(right);
  const std::string left = pen.ink(Ink::bold, id) + "   " + title;
  if (right.empty()) return left + "\n";
  if (gap >= 3) return left + spaces(gap) + pen.ink(Ink::dim, right) + "\n";
  return left + "\n" + kIndent + pen.ink(Ink::dim, right) + "\n";
}

// ---------------------------------------------------------------------------------------------
// The cause

std::string paragraph(const std::string& text, Ink ink, const Pen& pen) {
  std::string out;
  for (const std::string& line : wrap(text, pen.width() - kIndentWidth))
    out += line.empty() ? "\n" : kIndent + pen.ink(ink, line) + "\n";
  return out;
}

std::string misconception_text(const Misconception& m, const Pen& pen) {
  const Words& w = pen.words();
  const std::string tag = w.open + filled(w.misconception, pen.line(m.id)) + w.close;
  std::string out = paragraph(pen.clean(m.title), Ink::bold, pen);
  std::vector<std::string> lines;
  if (!m.explanation.empty() && m.explanation != m.title)
    lines = wrap(pen.clean(m.explanation), pen.width() - kIndentWidth);
  // Beside the last line where there is room, else below.
  const int gap =
      lines.empty() ? 0
                    : pen.width() - kIndentWidth - display_width(lines.back()) - display_width(tag);
  const bool beside = gap >= 3;
  for (std::size_t i = 0; i < lines.size(); ++i)
    out += kIndent + lines[i] +
           (beside && i + 1 == lines.size() ? spaces(gap) + pen.ink(Ink::dim, tag) : "") + "\n";
  if (!beside) out += kIndent + pen.ink(Ink::dim, tag) + "\n";
  return out;
}

/// What a compiler said: messages wrapped, source lines and carets kept in their columns.
std::string compiler_lines(const std::string& text, const Pen& pen) {
  const int room = pen.width() - 2 * kIndentWidth;
  std::vector<std::string> out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at, end - at);
    std::replace(line.begin(), line.end(), '\t', ' ');
    const bool source = !line.empty() && line[0] == ' ';
    for (const std::string& part :
         source ? std::vector{cut_to(line, room, pen.ellipsis())} : wrap(line, room))
      out.push_back(part);
    at = end + 1;
  }
  if (out.size() > kMaxCompilerLines) {
    out.resize(kMaxCompilerLines);
    out.push_back(pen.ellipsis());
  }
  std::string joined;
  for (const std::string& line : out)
    joined += line.empty() ? "\n" : kIndent + (kIndent + line) + "\n";
  return joined;
}

std::string cause(const Exercise& exercise, const Pen& pen) {
  std::string out;
  if (exercise.misconceptions.size() > 1) out += paragraph(pen.words().one_of, Ink::plain, pen);
  for (const Misconception& m : exercise.misconceptions) out += misconception_text(m, pen);
  if (!out.empty()) return out;

  std::string compiler = exercise.diagnostics ? pen.clean(exercise.diagnostics->compiler) : "";
  // The builder's own sentence, where it has one, is more exact than ours.
  std::string headline = compiler.substr(0, compiler.find('\n'));
  if (headline.find("error:") != std::string::npos) headline.clear();
  compiler.erase(0, headline.empty() ? 0 : headline.size() + 1);
  const std::string sentence = status_sentence(exercise.status, pen.lang());
  if (!sentence.empty() && (headline.empty() || pen.lang() != "en"))
    out += paragraph(sentence, Ink::bold, pen);
  if (!headline.empty()) out += paragraph(headline, out.empty() ? Ink::bold : Ink::plain, pen);
  if (!exercise.fault.empty()) out += paragraph(pen.clean(exercise.fault), Ink::plain, pen);
  return out + compiler_lines(compiler, pen);
}

// ---------------------------------------------------------------------------------------------
// Where, and what to do

struct Row {
  std::string label, text;
  bool as_is = false;  // a command, or a program's own lines: not wrapped
};

std::string speed_text(const Performance& p, const Words& w) {
  const char* const names[] = {"fast", "within", "slow", "cannot tell"};
  const auto at = std::find(std::begin(names), std::end(names), p.verdict);
  std::string out =
      at == std::end(names) ? w.speed_unknown : w.speed_verdict[at - std::begin(names)];
  std::vector<std::string> parts;
  const auto known = [](double x) { return std::isfinite(x) && x > 0; };
  if (known(p.ratio_to_reference))
    parts.push_back(filled(w.against, number(p.ratio_to_reference), number(p.interval[0]),
                           number(p.interval[1])));
  if (known(p.speedup_over_whiteboard))
    parts.push_back(filled(w.speedup, number(p.speedup_over_whiteboard, 1)));
  if (known(p.fraction_of_limit))
    parts.push_back(filled(w.limit, number(100 * p.fraction_of_limit, 0)));
  for (std::size_t i = 0; i < parts.size(); ++i) out += (i == 0 ? w.colon : w.comma) + parts[i];
  return out;
}

/// "dx(0, 2): expected 1, got 2", and not a refusal that was expected.
bool is_difference(const Test& test) {
  const auto has = [&](const char* part) { return test.message.find(part) != std::string::npos; };
  return test.status == Status::wrong_answer && has("expected ") && has(", got ") && !has("std::");
}

std::vector<Row> details(const Exercise& exercise, const Card& card, const Pen& pen) {
  const Words& w = pen.words();
  std::vector<Row> rows;
  if (const Test* test = first_failure(exercise)) {
    rows.push_back({w.failed, pen.line(without_prefix(test->name, exercise.id))});
    const bool differs = is_difference(*test);
    if (!test->message.empty())
      rows.push_back({differs ? w.difference : w.message, pen.clean(test->message)});
  }
  if (exercise.diagnostics) {
    const Diagnostics& d = *exercise.diagnostics;
    std::string where = pen.line(d.where);
    if (!d.signal.empty())
      where += where.empty() ? pen.line(d.signal) : " " + (w.open + pen.line(d.signal)) + w.close;
    // A compiler's message begins with the place.
    if (!where.empty() && d.compiler.empty()) rows.push_back({w.where, where});
    if (!d.printed.empty() && exercise.status != Status::passed)
      rows.push_back({w.printed, pen.clean(d.printed), true});
  }
  if (exercise.performance) rows.push_back({w.speed, speed_text(*exercise.performance, w)});
  if (const Test* test = first_failure(exercise); test && !test->replay.empty())
    rows.push_back(
        {w.again, pen.line("kata run " + exercise.id + " --replay " + test->replay), true});
  if (!card.next.empty())
    rows.push_back(
        {w.next,
         pen.line(card.next) +
             (card.next_note.empty() ? "" : "   " + (w.open + pen.line(card.next_note)) + w.close),
         true});
  return rows;
}

std::vector<std::string> row_lines(const Row& row, int room, const Pen& pen) {
  if (!row.as_is) return wrap(row.text, room);
  std::vector<std::string> out;
  for (std::size_t at = 0; at < row.text.size();) {
    const std::size_t end = std::min(row.text.find('\n', at), row.text.size());
    if (out.size() == kMaxPrintedLines) {
      out.push_back(pen.ellipsis());
      break;
    }
    // A command is never cut: it is there to be copied.
    std::string line = row.text.substr(at, end - at);
    std::replace(line.begin(), line.end(), '\t', ' ');
    out.push_back(row.label == pen.words().printed ? cut_to(line, room, pen.ellipsis()) : line);
    at = end + 1;
  }
  return out;
}

std::string details_block(const std::vector<Row>& rows, const Pen& pen) {
  int label_width = 0;
  for (const Row& row : rows) label_width = std::max(label_width, display_width(row.label));
  label_width += 3;
  std::string out;
  for (const Row& row : rows) {
    const int room = pen.width() - kIndentWidth - label_width;
    const std::vector<std::string> lines = row_lines(row, room, pen);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const std::string label = i == 0 ? row.label : "";
      out += kIndent + pen.ink(Ink::dim, label) + spaces(label_width - display_width(label)) +
             lines[i] + "\n";
    }
  }
  return out;
}

std::string footer(const Exercise& exercise, const Pen& pen) {
  std::string out = points_text(exercise.points, exercise.max_points, pen);
  if (exercise.duration_s > 0) {
    const double tested = std::max(exercise.duration_s - exercise.build_s, 0.0);
    out += pen.dot() + filled(pen.words().times, fmt::format("{:.1f}", exercise.build_s),
                              fmt::format("{:.1f}", tested));
  }
  return lines_of(out, Pen::ink_of(exercise.status), pen);
}

}  // namespace

std::string verdict_text(const Exercise& exercise, const Card& card, const Style& style) {
  const Pen pen(style);
  std::string out = header(exercise, card, pen);
  const auto add = [&](const std::string& block) {
    if (!block.empty()) out += "\n" + block;
  };
  add(tests_block(exercise, false, pen) + tests_block(exercise, true, pen));
  add(cause(exercise, pen));
  add(details_block(details(exercise, card, pen), pen));
  add(footer(exercise, pen));
  return out;
}

}  // namespace kata::report
