# fusion_library(NAME [TORCH] [HOSTILE] [DEPS folder...] [LIBS target...] [TEST_DEPS folder...] [LABELS label...])
#
# One library a folder: `fusion_NAME` from every .cpp of the current folder, and, where the folder holds *_test.cpp
# files, one test program `fusion_NAME_test`. Sources are globbed, so no list can drift.
#   TORCH  the folder uses libtorch: skipped when FUSION_TORCH is off, gets the shared precompiled header
#   HOSTILE  the folder reads what others wrote: `make test` runs its tests under sanitizers too
#   DEPS   other folders of the project it may include
#   LIBS   libraries from outside
#   TEST_DEPS  folders that only the tests include
#   LABELS  ctest labels of the tests
# With FUSION_UNITY the sources of a folder are compiled together: names in their anonymous namespaces differ.
function(fusion_library name)
  cmake_parse_arguments(ARG "TORCH;HOSTILE" "" "DEPS;LIBS;TEST_DEPS;LABELS" ${ARGN})
  if(ARG_TORCH AND NOT FUSION_TORCH)
    return()
  endif()
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS *.cpp)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")

  set(target fusion_${name})
  list(TRANSFORM ARG_DEPS PREPEND fusion_)
  if(sources)
    add_library(${target} STATIC ${sources})
    target_include_directories(${target} PUBLIC "${PROJECT_SOURCE_DIR}/src")
    target_compile_features(${target} PUBLIC cxx_std_20)
    target_link_libraries(${target} PUBLIC ${ARG_DEPS} ${ARG_LIBS} PRIVATE fusion_warnings)
    if(ARG_TORCH)
      fusion_use_torch(${target})
    endif()
  else()
    add_library(${target} INTERFACE)
    target_include_directories(${target} INTERFACE "${PROJECT_SOURCE_DIR}/src")
    target_link_libraries(${target} INTERFACE ${ARG_DEPS} ${ARG_LIBS})
  endif()

  if(FUSION_TESTS AND tests)
    set(torch "")
    if(ARG_TORCH)
      set(torch TORCH)
    endif()
    if(ARG_HOSTILE)
      list(APPEND ARG_LABELS hostile)
      if(NOT TARGET fusion_hostile_tests)
        add_custom_target(fusion_hostile_tests)
      endif()
      add_dependencies(fusion_hostile_tests ${target}_test)
    endif()
    fusion_test(${target}_test ${torch} SOURCES ${tests} DEPS ${name} ${ARG_TEST_DEPS} LABELS ${ARG_LABELS})
  endif()
endfunction()

# fusion_test(TARGET [TORCH] SOURCES file... DEPS folder... [LABELS label...])
function(fusion_test target)
  cmake_parse_arguments(ARG "TORCH" "" "SOURCES;DEPS;LABELS" ${ARGN})
  if(ARG_TORCH AND NOT FUSION_TORCH)
    return()
  endif()
  list(TRANSFORM ARG_DEPS PREPEND fusion_)
  add_executable(${target} ${ARG_SOURCES})
  target_link_libraries(${target} PRIVATE ${ARG_DEPS} fusion_warnings GTest::gmock GTest::gtest_main)
  target_compile_definitions(${target} PRIVATE FUSION_SOURCE_DIR="${PROJECT_SOURCE_DIR}" FUSION_BINARY_DIR="${CMAKE_BINARY_DIR}")
  if(FUSION_SANITIZE)
    target_sources(${target} PRIVATE "${PROJECT_SOURCE_DIR}/cmake/leak_suppressions.cpp")
  endif()
  if(ARG_TORCH)
    fusion_use_torch(${target})
  endif()
  # One label, for older versions of CMake take no list here; -L takes a part of it.
  list(JOIN ARG_LABELS "-" label)
  # Tests run side by side: threads of torch that wait must not keep a core busy.
  gtest_discover_tests(${target} DISCOVERY_MODE PRE_TEST
    PROPERTIES TIMEOUT 300 LABELS "${label}" ENVIRONMENT "OMP_WAIT_POLICY=PASSIVE")
endfunction()
