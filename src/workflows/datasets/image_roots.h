#pragma once
// Which file a record's image is.

#include <span>
#include <string>
#include <vector>

namespace fusion {

/// The folder as an absolute path without "." and "..". Throws Error, about `who`, where there is no such folder.
std::string image_root(const std::string& folder, const std::string& who);

/// The first file `image` inside one of the roots, each made by image_root(). Throws Error, about `who`, where `image`
/// leads out of every root, and where no root has it. Symbolic links are followed wherever they lead.
std::string find_image(const std::string& image, std::span<const std::string> roots, const std::string& who);

}  // namespace fusion
