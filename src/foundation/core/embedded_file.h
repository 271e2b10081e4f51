#pragma once
// Files that are part of the program: cmake/FusionEmbed.cmake puts them there.

#include <string_view>

namespace fusion {

struct EmbeddedFile {
  std::string_view name;  ///< without folders
  std::string_view text;  ///< the file's bytes
};

}  // namespace fusion
