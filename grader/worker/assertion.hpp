// What a failed assertion of Eigen becomes in a build with checks: an exception that the worker
// reports by name, instead of an abort.
#pragma once

namespace kata::worker {

/// Derives from nothing: no test that expects an error can take it for one, and an answer has no
/// reason to catch it.
struct assertion_failed {
  const char* expression;
  const char* file;
  int line;
};

/// Out of line, so that a check costs its caller one comparison and one call.
[[noreturn]] __attribute__((noinline, cold)) inline void fail_assertion(const char* expression,
                                                                        const char* file,
                                                                        int line) {
  throw assertion_failed{expression, file, line};
}

}  // namespace kata::worker
