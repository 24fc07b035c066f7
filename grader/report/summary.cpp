// Several exercises, one line each. See terminal.hpp.
#include <algorithm>

#include "report/pen.hpp"
#include "report/terminal.hpp"
#include "report/test_list.hpp"
#include "report/text.hpp"

namespace kata::report {

namespace {

constexpr std::size_t kMostReasonLines = 3;

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

}  // namespace

std::string status_text(Status status, const std::string& lang) {
  return status_word(status, lang);
}

std::string reason(const Exercise& exercise) {
  if (!exercise.misconceptions.empty()) return first_line(exercise.misconceptions[0].title);
  if (!exercise.fault.empty()) return first_line(exercise.fault);
  if (const Test* test = first_failure(exercise); test && !test->message.empty())
    return first_line(test->message);
  if (!exercise.diagnostics) return "";
  const std::string& compiler = exercise.diagnostics->compiler;
  const std::size_t error = compiler.find(" error: ");
  return first_line(error == std::string::npos ? compiler : compiler.substr(error + 8));
}

std::string summary_text(const std::vector<Exercise>& exercises, const Style& style) {
  const Pen pen(style);
  const Words& w = pen.words();
  int id_width = 0;
  int status_width = 0;
  int points_width = 0;
  for (const Exercise& e : exercises) {
    id_width = std::max(id_width, display_width(pen.line(e.id)));
    status_width = std::max(status_width, display_width(status_word(e.status, pen.lang())));
    points_width = std::max(points_width, display_width(points_text(e.points, e.max_points, pen)));
  }
  std::string out;
  for (const Exercise& e : exercises) {
    const std::string status = status_word(e.status, pen.lang());
    const std::string points = points_text(e.points, e.max_points, pen);
    out += kIndent + pen.mark(e.status) + " " + Pen::padded(pen.line(e.id), id_width) + "   " +
           pen.ink(Pen::ink_of(e.status), status) + spaces(status_width - display_width(status)) +
           "   " + spaces(points_width - display_width(points)) + points;
    const std::string why = e.status == Status::passed ? "" : pen.line(reason(e));
    out += "\n";
    if (why.empty()) continue;
    // Whole sentences, on lines of their own: a reason cut short is none.
    const std::vector<std::string> lines = wrap(why, pen.width() - 6);
    for (std::size_t i = 0; i < lines.size() && i < kMostReasonLines; ++i)
      out += spaces(6) +
             (i + 1 == kMostReasonLines && lines.size() > kMostReasonLines
                  ? cut_to(lines[i] + pen.ellipsis(), pen.width() - 6, pen.ellipsis())
                  : lines[i]) +
             "\n";
  }
  const Summary sum = summarise(exercises);
  std::string counts = filled(w.passed, sum.passed);
  if (sum.not_passed > 0) counts += w.comma + filled(w.not_passed, sum.not_passed);
  if (sum.not_attempted > 0) counts += w.comma + filled(w.not_attempted, sum.not_attempted);
  if (sum.grader_faults > 0) counts += w.comma + filled(w.faults, sum.grader_faults);
  const std::string totals = counts + pen.dot() + points_text(sum.points, sum.max_points, pen);
  return out + (out.empty() ? "" : "\n") + lines_of(totals, Ink::plain, pen);
}

}  // namespace kata::report
