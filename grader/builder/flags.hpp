// The flag sets. Every object of a worker is compiled with the same one: mixed sets crash, since
// Eigen's alignment and the assertions change what the same inline function does.
#pragma once

#include <string>
#include <vector>

#include "builder/builder.hpp"

namespace kata::builder {

/// Arguments of the compiler, the same for a precompiled header and for what uses it.
std::vector<std::string> arguments_of(Flags flags);

/// "checked", "timed", "asan": part of names in the cache.
std::string name_of(Flags flags);

/// What the code depends on beyond the arguments: the processor, for `timed`, else nothing.
std::string machine_of(Flags flags);

}  // namespace kata::builder
