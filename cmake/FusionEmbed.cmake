# fusion_embed(TARGET FUNCTION FILES file...)
#
# Puts files into the target as they are: `std::span<const fusion::EmbeddedFile> fusion::FUNCTION()`, which a header of
# the target declares, gives them in the order of their names, each under its file name without the folders.
function(fusion_embed target function)
  cmake_parse_arguments(ARG "" "" "FILES" ${ARGN})
  set(data "")
  set(declarations "")
  set(entries "")
  set(number 0)
  list(SORT ARG_FILES)
  foreach(file IN LISTS ARG_FILES)
    get_filename_component(path "${file}" ABSOLUTE)
    get_filename_component(name "${file}" NAME)
    set(symbol "fusion_embedded_${function}_${number}")
    string(APPEND data "asm(\".pushsection .rodata\\n${symbol}:\\n.incbin \\\"${path}\\\"\\n${symbol}_end:\\n.byte 0\\n.popsection\\n"
      ".globl ${symbol}\\n.globl ${symbol}_end\");\n")
    string(APPEND declarations "extern \"C\" const char ${symbol}[], ${symbol}_end[];\n")
    string(APPEND entries "      {\"${name}\", {${symbol}, ${symbol}_end}},\n")
    list(APPEND paths "${path}")
    math(EXPR number "${number} + 1")
  endforeach()
  set(source "${CMAKE_CURRENT_BINARY_DIR}/${function}.cpp")
  file(CONFIGURE OUTPUT "${source}" @ONLY CONTENT [[
#include <span>

#include "foundation/core/embedded_file.h"

@data@
@declarations@
namespace fusion {

std::span<const EmbeddedFile> @function@();

std::span<const EmbeddedFile> @function@() {
  static const EmbeddedFile kFiles[] = {
@entries@  };
  return kFiles;
}

}  // namespace fusion
]])
  # Compiled by itself: what it depends on would be lost in a unity build.
  set_source_files_properties("${source}" PROPERTIES OBJECT_DEPENDS "${paths}" SKIP_UNITY_BUILD_INCLUSION ON)
  target_sources(${target} PRIVATE "${source}")
endfunction()
