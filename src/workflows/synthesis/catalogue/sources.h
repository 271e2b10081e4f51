#pragma once
// The readers of the catalogue's sources. Each gives its looks in the order of their ids; what cannot be named, counted
// or shown is left out.

#include <string>
#include <vector>

#include "workflows/synthesis/catalogue/catalogue.h"
#include "workflows/synthesis/catalogue/nouns.h"

namespace fusion {

std::vector<Look> shape_looks(const NounTable& nouns);
std::vector<Look> drawing_looks(const NounTable& nouns);
std::vector<Look> clipart_looks(const NounTable& nouns);
/// SVG files with a title and a licence in their metadata. `folder`: of the package openclipart-svg.
std::vector<Look> openclipart_looks(const std::string& folder, const NounTable& nouns);
/// Pictures with a text file beside them whose first line says what they show. `folder`: of tuxpaint-stamps-default.
std::vector<Look> stamp_looks(const std::string& folder, const NounTable& nouns);
/// `file`: emoji-test.txt of the package unicode-data.
std::vector<Look> emoji_looks(const std::string& file, const NounTable& nouns);

/// All regular files below `folder`, as sorted paths relative to it; links are not followed. Throws Error that names
/// the Debian package where the folder is not there, and where there are more than 100,000 files.
std::vector<std::string> files_below(const std::string& folder, const std::string& package);

}  // namespace fusion
