// The two folders of a new exercise, ready to be filled in.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "classroom/engine.hpp"

namespace kata::classroom {

/// Makes exercises/<id>/ and solutions/<id>/ with every file of the anatomy, which compile and say
/// what belongs where. Returns what was made; throws EngineFault if the id is not topic/name or is
/// taken.
std::vector<std::filesystem::path> new_exercise(const Engine& engine, const std::string& id);

}  // namespace kata::classroom
