#pragma once
// Puts items that are finished in any order back into the order of their ids.

#include <cstdint>
#include <map>
#include <optional>

#include "workflows/synthesis/items/item.h"

namespace fusion {

class Frontier {
 public:
  /// An item sets out; ids rise. `expected` is the most that may be kept of it.
  void enter(int64_t id, int64_t expected);
  /// It is finished. The item has entered and not left.
  void ready(Item item);
  /// It will not come: the others pass by.
  void leave(int64_t id);
  /// The item with the lowest id, if that one is finished; it leaves.
  std::optional<Item> next();

  int64_t size() const { return static_cast<int64_t>(slots_.size()); }
  /// What may be kept of all that are on their way.
  int64_t expected() const { return expected_; }

 private:
  struct Slot {
    int64_t expected = 0;
    std::optional<Item> item = {};
  };

  std::map<int64_t, Slot> slots_;
  int64_t expected_ = 0;
};

}  // namespace fusion
