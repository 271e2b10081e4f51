# Compiler cache, linker, warnings and sanitizers, the same for every target of the project.

find_program(FUSION_CCACHE ccache)
if(FUSION_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Precompiled headers defeat the cache unless it is told that their time stamps do not matter.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      "${CMAKE_COMMAND}" -E env "CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime"
      "${FUSION_CCACHE}")
endif()

find_program(FUSION_MOLD mold)
if(FUSION_MOLD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_link_options(-fuse-ld=mold)
endif()

add_library(fusion_warnings INTERFACE)
target_compile_options(fusion_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough
  $<$<BOOL:${FUSION_WERROR}>:-Werror>)

if(FUSION_SANITIZE)
  if(FUSION_SANITIZE MATCHES "address" AND FUSION_SANITIZE MATCHES "thread")
    message(FATAL_ERROR "FUSION_SANITIZE=${FUSION_SANITIZE}: address and thread exclude each other")
  endif()
  add_compile_options(-fsanitize=${FUSION_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${FUSION_SANITIZE})
endif()
