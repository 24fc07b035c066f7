// The system calls that a boxed tool is refused. A deny-list: a compiler needs most of what an
// ordinary program needs, and the namespaces already keep it from everything outside. Workers have
// a narrow allow-list instead (launcher).
#pragma once

#include <string>

namespace kata::sandbox {

/// The filter as the BPF program that `bwrap --seccomp` reads; empty when libseccomp fails.
const std::string& tool_filter();

}  // namespace kata::sandbox
