#pragma once
// A contact sheet of a run: some of its pictures, each with one of its questions.

#include <cstdint>
#include <string>
#include <vector>

#include "workflows/synthesis/items/item.h"
#include "workflows/synthesis/render/contact_sheet.h"

namespace fusion {

struct RunSheetOptions {
  int64_t count = 24;  ///< pictures, 1 to 500
  int64_t seed = 1;    ///< another one shows other pictures
  SheetOptions layout = {};
};

/// A picture with the conversation that stands below it.
struct ShownItem {
  Item item = {};
  size_t conversation = 0;
};

/// For each item the conversation of the kind that was shown least so far, so that all kinds take turns. Items without
/// conversations are left out.
std::vector<ShownItem> take_turns(const std::vector<Item>& items);

/// Writes the sheet of the run in `folder` into `path`, a .jpg or .png, and returns how many pictures it shows: fewer
/// than asked for where the run kept fewer. Throws Error where it kept none, and on a picture that is missing or
/// broken.
int64_t write_sheet(const std::string& folder, const std::string& path, const RunSheetOptions& options = {});

}  // namespace fusion
