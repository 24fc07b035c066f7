// What makes the functions of an exercise callable: a source generated from the manifest, and the
// symbols that it asks of an answer.
#pragma once

#include <string>
#include <vector>

#include "builder/elf.hpp"
#include "catalog/catalog.hpp"

namespace kata::builder {

/// Includes the exercise's headers and lists its functions (worker/bind.hpp).
std::string binding_source(const catalog::Exercise& exercise,
                           const std::vector<std::string>& headers, bool mistakes);

/// Whether a demangled name is that of the function, whatever its parameters.
bool names_function(const std::string& demangled, const std::string& qualified);

/// The symbols that the compiled binding leaves undefined and an answer must define. Throws Fault
/// when a function of the manifest is not among them.
std::vector<std::string> entry_points(const Object& binding, const catalog::Exercise& exercise,
                                      bool mistakes);

/// The symbols by which an exercise's compiled reference defines its functions. Throws Fault.
std::vector<std::string> definitions(const Object& reference, const catalog::Exercise& exercise);

}  // namespace kata::builder
