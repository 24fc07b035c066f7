#include "allocations.hpp"

#include <algorithm>
#include <cstdlib>

#if defined(__SANITIZE_ADDRESS__) || !defined(__GLIBC__)
#define KATA_COUNTS 0
#else
#define KATA_COUNTS 1
#endif

namespace {
thread_local std::size_t largest_request = 0;
}

#if KATA_COUNTS
// operator new ends here too. The C library's own entry takes over.
extern "C" void* __libc_malloc(std::size_t);  // NOLINT(bugprone-reserved-identifier)
extern "C" void* malloc(std::size_t size) noexcept {
  largest_request = std::max(largest_request, size);
  return __libc_malloc(size);
}
#endif

namespace allocations {

bool counted() {
  return KATA_COUNTS != 0;
}
void forget() {
  largest_request = 0;
}
std::size_t largest() {
  return largest_request;
}

}  // namespace allocations
