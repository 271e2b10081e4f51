#pragma once
// The first conversations of a run that made more than were asked for.

#include <cstdint>
#include <optional>

#include "workflows/synthesis/items/item_stream.h"

namespace fusion {

/// Ends with the item that holds the `limit`th kept conversation, whose further ones it marks as dropped: stages that
/// run at once make some more than the run's limit, and how many is a matter of time.
class LimitedStream : public ItemStream {
 public:
  /// `items` outlives the object. No limit: all of them.
  LimitedStream(ItemStream& items, std::optional<int64_t> limit) : items_(items), left_(limit) {}
  std::optional<Item> next() override;

 private:
  ItemStream& items_;
  std::optional<int64_t> left_;
};

}  // namespace fusion
