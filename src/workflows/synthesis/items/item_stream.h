#pragma once
// Items one after another, for what reads a whole run: filters, export, report.

#include <memory>
#include <optional>
#include <vector>

#include "workflows/synthesis/items/item.h"

namespace fusion {

class ItemStream {
 public:
  virtual ~ItemStream() = default;
  /// The next item, in the order of ids; nothing after the last.
  virtual std::optional<Item> next() = 0;
};

}  // namespace fusion
