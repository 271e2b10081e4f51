#pragma once
// The shards of a run as one.
//
//     MergedItems merged(std::move(shards));
//     while (auto item = merged.next()) {
//       judge.judge(*item);
//       if (item->dropped_by.empty()) bring_picture(item->picture, merged.folder(), out);
//     }

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "workflows/synthesis/items/item_stream.h"

namespace fusion {

/// One shard: its items, in the order of ids, and the folder that their picture paths start from.
struct ShardItems {
  std::string folder;
  std::unique_ptr<ItemStream> items;
};

/// All items in the order of ids; holds one of each shard at a time.
class MergedItems : public ItemStream {
 public:
  explicit MergedItems(std::vector<ShardItems> shards);

  /// Throws Error where two shards have an item of the same id, or a shard's ids do not rise.
  std::optional<Item> next() override;
  /// That of the shard which the last item came from.
  const std::string& folder() const { return shards_[last_].folder; }

 private:
  std::vector<ShardItems> shards_;
  std::vector<std::optional<Item>> heads_;  ///< the next item of each
  size_t last_ = 0;
};

/// Makes the picture at FROM/picture appear as TO/picture too: a hard link where the file system allows one, else a
/// copy that is put in place whole. One that is already there stays. Throws Error where it is missing, the disk is full
/// or fails, or the path leads out of the folder.
void bring_picture(const std::string& picture, const std::string& from, const std::string& to);

}  // namespace fusion
