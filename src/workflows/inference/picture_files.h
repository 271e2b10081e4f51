#pragma once
// Pictures as a user names them.

#include <span>
#include <string>
#include <vector>

namespace fusion {

/// Files in their order, each folder replaced by the pictures directly in it (.jpg, .jpeg, .png and .webp in any case),
/// sorted by name. Throws Error where there is no file of a name, and on a folder without pictures.
std::vector<std::string> picture_files(std::span<const std::string> paths);

}  // namespace fusion
