#pragma once
// Many pictures on one sheet, each with a question and its answer below: what a data set looks like at a glance.

#include <cstdint>
#include <span>
#include <string>

#include "pipeline/preprocess/picture.h"

namespace fusion {

struct SheetEntry {
  Picture picture = {};
  std::string heading = {};  ///< e.g. the kind of the question
  std::string question = {};
  std::string answer = {};
};

struct SheetOptions {
  int64_t columns = 4;       ///< 1 to 20
  int64_t cell_width = 280;  ///< of a picture, in pixels, 64 to 1024
};

/// Rows from left to right, in RGB. A picture takes a square, or what its form leaves of it; a text that is too long
/// ends in "...". Throws Error where there are no entries or more than 500, on an option out of its range and on a
/// sheet above 60,000 pixels.
Picture contact_sheet(std::span<const SheetEntry> entries, const SheetOptions& options = {});

}  // namespace fusion
