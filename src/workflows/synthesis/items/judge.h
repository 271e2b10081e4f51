#pragma once
// Who decides what is kept.

#include "workflows/synthesis/items/item.h"

namespace fusion {

/// Decides by what is in an item and by what came before it, so it is asked in the order of ids, by one thread: the
/// same items are kept however many threads wrote them, and after any number of interruptions.
class Judge {
 public:
  virtual ~Judge() = default;
  /// Judges the caption alone, before anything is paid for: sets the item's dropped_by and drop_reason where it is not
  /// to be used.
  virtual void judge_caption(Item& item) = 0;
  /// Judges the finished item and each of its conversations: sets their dropped_by and drop_reason. An item of which no
  /// conversation is kept is dropped itself.
  virtual void judge(Item& item) = 0;
  /// Takes an earlier run's verdict on the caption of `item` as its own: what would have been remembered from it is.
  /// The item comes without its scenes: they are most of it, and a run that goes on reads all items that it has.
  virtual void remember_caption(const Item& item) = 0;
  /// The same for judge().
  virtual void remember(const Item& item) = 0;
};

}  // namespace fusion
