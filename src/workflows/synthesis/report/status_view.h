#pragma once
// Where a run stands, as tables for the terminal.

#include <string>
#include <vector>

#include "workflows/synthesis/stages/status.h"

namespace fusion {

struct StatusView {
  std::string run = {};  ///< "runs/demo, seed 7, shard 0/4"
  RunStatus status = {};
  std::vector<FailureGroup> failures = {};
  std::string currency = {};  ///< "USD"; "" where nothing has a price
};

/// "3 captions could not be used and were passed over: FILE:LINE: why; ..."; "" where there are none.
std::string broken_captions_text(const BrokenCaptions& broken);

/// Lines of text with a line feed behind each: the stages, what their calls cost, what was dropped, what failed, what
/// is to be expected. Texts from outside are made printable.
std::string text_status(const StatusView& view);

}  // namespace fusion
