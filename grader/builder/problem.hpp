// A tool did not do what was asked of it: whose doing is that, and how is it said?
#pragma once

#include <string>
#include <vector>

#include "builder/builder.hpp"
#include "builder/gate.hpp"
#include "builder/messages.hpp"
#include "sandbox/run.hpp"

namespace kata::builder {

struct Problem {
  Built built;
  /// It looks like the sources' doing, and a sick machine would look the same.
  bool doubtful = false;
};

/// All of these throw Fault when the tool was not even started.
Problem not_compiled(const sandbox::Finished& run, const Naming& naming,
                     const std::vector<std::string>& forbidden);
/// Joining, hiding or linking failed although the compiler was content.
Problem not_linked(const sandbox::Finished& run, const Naming& naming);
Problem refused(const Verdict& verdict);
Problem forbidden_include(const std::string& reason);

}  // namespace kata::builder
