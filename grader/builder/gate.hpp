// The last look at an answer's object before it is linked: whether it defines what it must, hides
// all else, and holds nothing but code and data.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kata::builder {

struct Verdict {
  enum class Kind { passed, compile_error, forbidden };
  Kind kind = Kind::passed;
  std::string message;  // a sentence for the author of the answer
  bool ok() const { return kind == Kind::passed; }
};

/// `bytes`: an object that was joined and localised. `entry_points`: the symbols that it must
/// define, and the only ones that it may show. Never throws, whatever the bytes are.
Verdict gate(std::string_view bytes, const std::vector<std::string>& entry_points);

}  // namespace kata::builder
