// The words of the terminal, in both languages.
#pragma once

#include <string>

#include "report/report.hpp"

namespace kata::report {

/// Sentences with {} are formats of fmt.
struct Words {
  const char *level, *minutes;                   // "level {}"
  const char *is_public, *is_hidden;             // which tests
  const char *not_run, *partly, *misconception;  // "{} more not run", "{} ({} of {} right)", ...
  const char* one_of;                            // several explanations are equally good
  const char *failed, *difference, *message;     // labels
  const char *where, *printed, *speed, *again, *next;
  const char *points, *times;                    // "{} of {} points", "built in {} s, ..."
  const char *speed_verdict[4], *speed_unknown;  // fast, within, slow, cannot tell
  const char *against, *speedup, *limit;         // parts of the line about speed
  const char *passed, *not_passed, *not_attempted, *faults;  // totals
  const char *colon, *comma, *stop, *open, *close;           // punctuation is a language's own
};
const Words& words(const std::string& lang);

/// "wrong answer".
const char* status_word(Status status, const std::string& lang);
/// What a status means when no test's message says more; empty where one always does.
const char* status_sentence(Status status, const std::string& lang);

}  // namespace kata::report
