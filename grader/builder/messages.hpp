// What the author of an answer reads when it could not be built.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kata::builder {

/// Where the compiler's words come from: the name it knew the source by, and the one to show.
struct Naming {
  std::string compiled_as;  // adam.cpp
  std::string shown_as;     // work/optimizers/adam.cpp
};

/// The first error, at most about ten lines: where in the author's file, what, the line with its
/// caret. An error inside of a library is told at the line of the author's that led there.
std::string first_error(std::string_view output, const Naming& naming);

/// The warnings about the author's file, at most about twenty lines.
std::string warnings_in(std::string_view output, const Naming& naming);

struct MissingHeader {
  std::string name;         // as the #include says
  std::string included_by;  // a header of a library; empty: the author's file
};
/// The header that the compiler did not find, if that is what stopped it.
std::optional<MissingHeader> missing_header(std::string_view output, const Naming& naming);

/// Names that the linker found declared and used, but defined nowhere; each once.
std::vector<std::string> undefined_in(std::string_view linker_output);

/// "a", "a and b", "a, b and c".
std::string listed(const std::vector<std::string>& names);

}  // namespace kata::builder
