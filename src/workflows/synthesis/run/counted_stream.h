#pragma once
// A stream that tells how far it has been read.

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

#include "workflows/synthesis/items/item_stream.h"

namespace fusion {

class CountedStream : public ItemStream {
 public:
  /// `items` outlives the object.
  CountedStream(ItemStream& items, uint64_t total, std::function<void(uint64_t done, uint64_t total)> on_progress)
      : items_(items), total_(total), on_progress_(std::move(on_progress)) {}

  std::optional<Item> next() override {
    auto item = items_.next();
    if (item) ++done_;
    if (on_progress_) on_progress_(item ? done_ : total_, total_);
    return item;
  }

 private:
  ItemStream& items_;
  uint64_t total_;
  std::function<void(uint64_t done, uint64_t total)> on_progress_;
  uint64_t done_ = 0;
};

}  // namespace fusion
