// How much memory a piece of code asks for at once: what shows that a length was believed before it
// was checked.
#pragma once

#include <cstddef>

namespace allocations {

/// Whether this build counts: a sanitizer has an allocator of its own.
bool counted();
void forget();
/// The largest single request since forget(), of new and of malloc, which Eigen uses.
std::size_t largest();

}  // namespace allocations
