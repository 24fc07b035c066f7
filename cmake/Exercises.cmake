# One examiner per exercise: its public and hidden tests, linked with the engine. Exercises are found by
# their folders.

# kata_generate_subject(<manifest> <topic> <name> <output folder>)
#
# <topic>/<name>/subject.hpp: one callable per function of the manifest, of the type that the
# exercise's header declares.
function(kata_generate_subject manifest topic name out)
  file(READ ${manifest} json)
  string(JSON count LENGTH ${json} functions)
  set(members "")
  set(index 0)
  while(index LESS count)
    string(JSON function GET ${json} functions ${index})
    string(APPEND members
      "  kata::examiner::Function<decltype(&::${topic}::${name}::${function})> ${function}{\"${function}\", ${index}};\n")
    math(EXPR index "${index} + 1")
  endwhile()
  file(CONFIGURE OUTPUT ${out}/${topic}/${name}/subject.hpp @ONLY CONTENT
"// Generated from the manifest's functions.
#pragma once

#include \"examiner/subject.hpp\"
#include \"${topic}/${name}/${name}.hpp\"

namespace ${topic}::${name} {

struct Subject {
${members}};
[[maybe_unused]] inline const Subject subject;

}  // namespace ${topic}::${name}
")
endfunction()

# The header that every examiner starts from: Catch2 and Eigen cost seconds, once.
add_library(kata_examiner_pch OBJECT ${CMAKE_CURRENT_LIST_DIR}/examiner_pch.cpp)
target_link_libraries(kata_examiner_pch PRIVATE kata_examiner kata::warnings)
target_compile_options(kata_examiner_pch PRIVATE -O1)
target_precompile_headers(kata_examiner_pch PRIVATE
  <kata/test.hpp> "${PROJECT_SOURCE_DIR}/grader/examiner/subject.hpp")

# kata_add_exercises(<root>): an examiner for every <root>/exercises/<topic>/<name>.
function(kata_add_exercises root)
  file(GLOB manifests ${root}/exercises/*/*/exercise.json)
  set(generated ${CMAKE_BINARY_DIR}/generated)
  foreach(manifest IN LISTS manifests)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${manifest})
    cmake_path(GET manifest PARENT_PATH folder)
    cmake_path(GET folder FILENAME name)
    cmake_path(GET folder PARENT_PATH above)
    cmake_path(GET above FILENAME topic)
    kata_generate_subject(${manifest} ${topic} ${name} ${generated})

    set(sources "")
    foreach(source ${folder}/examples.cpp ${root}/solutions/${topic}/${name}/hidden.cpp)
      if(EXISTS ${source})
        list(APPEND sources ${source})
      endif()
    endforeach()
    if(NOT sources)
      continue()
    endif()
    set(target examiner_${topic}_${name})
    add_executable(${target} ${sources})
    set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/examiners)
    target_include_directories(${target} PRIVATE ${generated} ${root}/exercises ${root}/solutions)
    target_compile_options(${target} PRIVATE -O1)
    target_precompile_headers(${target} REUSE_FROM kata_examiner_pch)
    target_link_libraries(${target} PRIVATE kata_examiner kata::warnings)
    add_dependencies(${target} kata_launcher)
    set_property(GLOBAL APPEND PROPERTY KATA_EXAMINERS ${target})
  endforeach()
  get_property(examiners GLOBAL PROPERTY KATA_EXAMINERS)
  if(NOT TARGET examiners)
    add_custom_target(examiners)
  endif()
  if(examiners)
    add_dependencies(examiners ${examiners})
  endif()
endfunction()
