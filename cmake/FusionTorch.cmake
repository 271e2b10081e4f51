# Finds the libtorch inside pip's torch wheel and makes the target torch::torch of it.
#
# Not find_package(Torch): on a CUDA wheel that one asks for a CUDA toolkit, which a program that calls no CUDA
# function of its own does not need.
if(EXISTS "${PROJECT_SOURCE_DIR}/.venv/bin/python")
  set(fusion_default_python "${PROJECT_SOURCE_DIR}/.venv/bin/python")
else()
  set(fusion_default_python python3)
endif()
set(FUSION_PYTHON "${fusion_default_python}" CACHE STRING "Python whose torch package is built against")

execute_process(
  COMMAND "${FUSION_PYTHON}" -c
          "import importlib.util as u, os; s = u.find_spec('torch'); print(os.path.dirname(s.origin) if s else '')"
  OUTPUT_VARIABLE FUSION_TORCH_DIR OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
if(NOT FUSION_TORCH_DIR)
  message(FATAL_ERROR "${FUSION_PYTHON} has no torch package. Run `make setup`, or name a Python that has one: -DFUSION_PYTHON=...")
endif()
file(STRINGS "${FUSION_TORCH_DIR}/version.py" fusion_torch_version REGEX "^__version__")
string(REGEX REPLACE ".*'(.*)'.*" "\\1" fusion_torch_version "${fusion_torch_version}")
message(STATUS "torch ${fusion_torch_version} in ${FUSION_TORCH_DIR}")
if(fusion_torch_version VERSION_LESS 2.11)
  message(FATAL_ERROR "torch ${fusion_torch_version} is older than 2.11, the oldest that fusion is built with")
endif()

add_library(fusion_torch INTERFACE)
add_library(torch::torch ALIAS fusion_torch)
target_include_directories(fusion_torch SYSTEM INTERFACE
  "${FUSION_TORCH_DIR}/include" "${FUSION_TORCH_DIR}/include/torch/csrc/api/include")
# libsentencepiece and libc10 both export FLAGS_minloglevel, a larger object in the former. The first of them in the link
# decides whose storage both use, so it is the larger one: else sentencepiece's start-up overwrites libc10's flags.
find_library(FUSION_SENTENCEPIECE sentencepiece REQUIRED)
# --no-as-needed: nothing names a symbol of libtorch_cuda, yet loading it is what registers the CUDA kernels.
set(fusion_torch_libs "-Wl,--no-as-needed" "-Wl,${FUSION_SENTENCEPIECE}")  # as a flag, which keeps its place
foreach(lib torch torch_cpu torch_cuda c10 c10_cuda)
  if(EXISTS "${FUSION_TORCH_DIR}/lib/lib${lib}.so")
    list(APPEND fusion_torch_libs "${FUSION_TORCH_DIR}/lib/lib${lib}.so")
  endif()
endforeach()
list(APPEND fusion_torch_libs "-Wl,--as-needed" Threads::Threads)
target_link_libraries(fusion_torch INTERFACE ${fusion_torch_libs})

# Torch's headers take 8 to 29 s a file; one precompiled header for all targets takes most of that away.
file(WRITE "${CMAKE_BINARY_DIR}/pch/torch_pch.cpp.in" "// Exists to own the precompiled header of libtorch.\n")
configure_file("${CMAKE_BINARY_DIR}/pch/torch_pch.cpp.in" "${CMAKE_BINARY_DIR}/pch/torch_pch.cpp" COPYONLY)
add_library(fusion_torch_pch STATIC "${CMAKE_BINARY_DIR}/pch/torch_pch.cpp")
# The header is only valid for files compiled with the same flags, -Wpedantic included.
target_link_libraries(fusion_torch_pch PRIVATE torch::torch fusion_warnings)
target_precompile_headers(fusion_torch_pch PRIVATE
  <torch/types.h> <torch/nn/module.h> <torch/nn/pimpl.h> <torch/nn/modules/container/modulelist.h>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(fusion_torch_pch PRIVATE -fpch-preprocess)
endif()

function(fusion_use_torch target)
  target_link_libraries(${target} PUBLIC torch::torch)
  target_precompile_headers(${target} REUSE_FROM fusion_torch_pch)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${target} PRIVATE -fpch-preprocess)
  endif()
endfunction()
