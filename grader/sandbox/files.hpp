// The files that a run needs: pipes, an input, and the program itself.
#pragma once

#include <string>
#include <string_view>

#include "sandbox/descriptor.hpp"

namespace kata::sandbox {

struct Pipe {
  Descriptor read, write;
};

/// Both ends close on exec, and a read never waits. False: the system has no more to give (errno).
bool make_pipe(Pipe& made);

/// A file in memory that nobody can change any more, not valid when the system gives none. As
/// standard input it is never full, so that a command that doesn't read can't hold anyone up.
Descriptor file_of(std::string_view bytes);

/// The program's path, found as a shell would; empty when there is none.
std::string find_program(const std::string& name);

}  // namespace kata::sandbox
