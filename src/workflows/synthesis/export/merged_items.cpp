#include "workflows/synthesis/export/merged_items.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "foundation/config/input_file.h"
#include "foundation/config/output_file.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

namespace fs = std::filesystem;

MergedItems::MergedItems(std::vector<ShardItems> shards) : shards_(std::move(shards)), heads_(shards_.size()) {
  for (size_t i = 0; i < shards_.size(); ++i) heads_[i] = shards_[i].items->next();
}

std::optional<Item> MergedItems::next() {
  std::optional<size_t> first;
  for (size_t i = 0; i < heads_.size(); ++i) {
    if (!heads_[i]) continue;
    if (first && heads_[i]->id == heads_[*first]->id) {
      throw Error({.who = shards_[i].folder,
                   .expected = "shards that have no item in common",
                   .got = cat("item ", heads_[i]->id, " there and in ", shards_[*first].folder),
                   .hint = "give every shard of a run another --shard i/n and the same seed"});
    }
    if (!first || heads_[i]->id < heads_[*first]->id) first = i;
  }
  if (!first) return std::nullopt;
  last_ = *first;
  std::optional<Item> item = std::move(heads_[last_]);
  heads_[last_] = shards_[last_].items->next();
  if (heads_[last_] && heads_[last_]->id <= item->id) {
    throw Error({.who = shards_[last_].folder,
                 .expected = "items in the order of their ids",
                 .got = cat("item ", heads_[last_]->id, " behind item ", item->id)});
  }
  return item;
}

void bring_picture(const std::string& picture, const std::string& from, const std::string& to) {
  const fs::path inside = fs::path(picture).lexically_normal();
  if (inside.empty() || inside.is_absolute() || *inside.begin() == "..") {
    throw Error(
        {.who = cat("picture ", printable(picture)), .expected = "a path inside the shard's folder", .got = "another"});
  }
  const fs::path source = fs::path(from) / inside;
  const fs::path target = fs::path(to) / inside;
  std::error_code code;
  fs::create_directories(target.parent_path(), code);
  if (code) throw Error({.who = target.parent_path().string(), .expected = "to make a folder", .got = code.message()});
  if (fs::equivalent(source, target, code)) return;
  // What an earlier merge left under the name may be another run's.
  fs::remove(target, code);
  fs::create_hard_link(source, target, code);
  if (!code) return;
  constexpr uint64_t kMaxBytes = uint64_t{256} << 20;
  write_text_file(target.string(), read_text_file(source.string(), kMaxBytes));
}

}  // namespace fusion
