# Warnings, sanitizers and the compiler cache, each as one thing to link or switch.

option(KATA_SANITIZE "Build the suite itself with AddressSanitizer and UBSan" OFF)

add_library(kata_warnings INTERFACE)
add_library(kata::warnings ALIAS kata_warnings)
target_compile_options(kata_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wold-style-cast -Woverloaded-virtual
  -Wnon-virtual-dtor -Werror
  $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond -Wlogical-op
    -Wno-restrict>)  # g++ 12 sees overlaps in std::string's operator+ that are none

if(KATA_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  add_link_options(-fsanitize=address,undefined)
endif()

find_program(KATA_CCACHE ccache)
if(KATA_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER ${KATA_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${KATA_CCACHE})
endif()
