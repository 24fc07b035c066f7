// What a learner sees: one cause, then what it means, then where, then what to do. Colour supports
// the words and never replaces them. Nothing is printed here.
#pragma once

#include <string>
#include <vector>

#include "report/report.hpp"

namespace kata::report {

struct Style {
  bool colour = false;
  bool unicode = true;      // false: plain ASCII, and then in English
  int width = 80;           // columns of the terminal; 40 to 120 are used
  std::string lang = "en";  // "en" or "zh"
};

/// What a verdict's text needs beyond the report: from the manifest and from the learner's state.
struct Card {
  std::string title;  // in the reader's language; empty: as in the report
  int level = 0;      // 0: not shown
  int minutes = 0;
  std::string next;       // a command, such as "kata hint batchnorm/backward"; empty: none
  std::string next_note;  // "1 of 3"
};

/// The whole verdict of one exercise, ending in a newline.
std::string verdict_text(const Exercise& exercise, const Card& card, const Style& style);

/// One line an exercise (mark, id, status, points, reason) and the totals.
std::string summary_text(const std::vector<Exercise>& exercises, const Style& style);

/// Why an exercise has its status, in one line; empty when there is nothing to say.
std::string reason(const Exercise& exercise);

/// "wrong answer": a status in the words of a language.
std::string status_text(Status status, const std::string& lang);

}  // namespace kata::report
