// How a call can end without an answer.
#pragma once

#include <string>

namespace kata::examiner {

enum class Cause {
  crashed,
  timed_out,
  out_of_memory,
  output_limit,
  forbidden_call,
  broken_reply,
  not_implemented,
  foreign_exception,  // threw something that is no std::exception
  not_run,            // the examination was stopped before
  grader_fault,
};

/// Thrown through a test by `subject.<function>(...)`. Derives from nothing, so that no check for a
/// thrown error can be satisfied by the death of the answer.
struct Loss {
  Cause cause;
  std::string detail;  // a sentence for the learner
  std::string signal;  // SIGSEGV, the refused call's name, ...; may be empty
  std::string call;    // the function that was running
};

}  // namespace kata::examiner
