// From the text of exercise.json and topic.json to plain data. Strict: whatever is missing,
// unknown, of a wrong type or out of range is a ManifestError that names file and place.
//
// docs/exercise.schema.json says the same for other programs; tests/schema_test.py holds both
// against the exercises.
#pragma once

#include <string>
#include <string_view>

#include "catalog/catalog.hpp"

namespace kata::catalog {

/// `file` is what messages call it.
Manifest parse_manifest(std::string_view text, const std::string& file);
Topic parse_topic(std::string_view text, const std::string& id, const std::string& file);

/// A topic's or an exercise's folder name: a-z, 0-9 and _, a letter first, since it becomes a
/// namespace.
bool is_name(std::string_view text);
/// topic/name.
bool is_id(std::string_view text);

}  // namespace kata::catalog
