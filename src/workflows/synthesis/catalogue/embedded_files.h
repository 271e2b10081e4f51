#pragma once
// Files of this folder that are part of the program: nouns.json, the clip art and its manifest.json.

#include <span>

#include "foundation/core/embedded_file.h"

namespace fusion {

std::span<const EmbeddedFile> catalogue_files();

}  // namespace fusion
