// Whether an exercise is whole: what `kata dev check` proves.
#pragma once

#include <string>
#include <vector>

#include "classroom/engine.hpp"

namespace kata::classroom {

/// One sentence for everything that is missing or wrong; empty when the exercise is clean: all
/// files are there, the stub compiles and passes nothing, reference, whiteboard and at least two
/// alternatives pass with full points, every mutant is killed by two tests or more, no junk passes.
std::vector<std::string> check_exercise(Engine& engine, const catalog::Exercise& exercise);

}  // namespace kata::classroom
