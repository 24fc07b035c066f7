// The kinds of junk, by name.
#pragma once

#include <string>
#include <vector>

namespace kata::examiner {

enum class Junk { nothing, zeros, nan, input, previous, throws };

inline const std::vector<std::string>& junk_names() {
  static const std::vector<std::string> names{"nothing", "zeros",    "nan",
                                              "input",   "previous", "throws"};
  return names;
}

}  // namespace kata::examiner
