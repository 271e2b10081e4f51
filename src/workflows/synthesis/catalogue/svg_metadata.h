#pragma once
// What an SVG file says of itself.

#include <string>
#include <string_view>
#include <vector>

namespace fusion {

/// From the first cc:Work of the RDF metadata.
struct SvgMetadata {
  std::string title;
  std::string author;
  std::vector<std::string> keywords;
  std::string licence;  ///< its address
};

/// Reads up to the end of the metadata; fields that are not there stay empty, also where the XML breaks off. Never
/// opens a file, a network connection or an external entity.
SvgMetadata read_svg_metadata(std::string_view svg);

}  // namespace fusion
