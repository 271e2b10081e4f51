#include "workflows/synthesis/store/run_counts.h"

#include <algorithm>
#include <numeric>

#include "foundation/config/json_object.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

using nlohmann::json;
using nlohmann::ordered_json;
using Tally = std::map<std::string, int64_t>;

template <class Numbers>
int64_t sum(const Numbers& numbers) {
  return std::accumulate(numbers.begin(), numbers.end(), int64_t{0});
}

/// A count of 0 is no entry: counts that are equal look equal.
void count(Tally& tally, const std::string& name, int64_t times) {
  if ((tally[name] += times) == 0) tally.erase(name);
}

std::array<int64_t, kStages> stages_from(const JsonObject& object, std::string_view key) {
  const auto list = object.required<std::vector<int64_t>>(key);
  std::array<int64_t, kStages> out{};
  if (list.size() != out.size()) {
    throw Error({.who = object.who(key), .expected = cat(out.size(), " numbers"), .got = cat(list.size())});
  }
  std::ranges::copy(list, out.begin());
  return out;
}

Tally tally_from(const JsonObject& object, std::string_view key) {
  const json* values = object.find(key);
  Tally out;
  if (values == nullptr) return out;
  const JsonObject entries = object.object(key);
  for (const auto& entry : values->items()) out[entry.key()] = entries.required<int64_t>(entry.key());
  return out;
}

}  // namespace

int64_t kept_conversations(const Item& item) {
  if (!item.dropped_by.empty()) return 0;
  return std::ranges::count_if(item.conversations, [](const Conversation& each) { return each.dropped_by.empty(); });
}

int64_t RunCounts::items() const {
  return sum(waiting) + failed_items();
}

int64_t RunCounts::failed_items() const {
  return sum(failed);
}

int64_t RunCounts::dropped_items() const {
  int64_t dropped = 0;
  for (const auto& [filter, times] : items_dropped_by) dropped += times;
  return dropped;
}

void RunCounts::add(const Item& item, Stage stage, int64_t times) {
  waiting[stage_index(stage)] += times;
  if (stage != Stage::kDone) return;
  kept += times * kept_conversations(item);
  if (item.picture.empty()) dropped_captions += times;
  if (!item.dropped_by.empty()) count(items_dropped_by, item.dropped_by, times);
  for (const Conversation& each : item.conversations) {
    if (!each.dropped_by.empty()) {
      count(conversations_dropped_by, each.dropped_by, times);
    } else if (item.dropped_by.empty()) {
      count(kept_by_kind, each.kind, times);
    }
  }
}

ordered_json counts_to_json(const RunCounts& counts) {
  return {{"waiting", counts.waiting},
          {"failed", counts.failed},
          {"kept", counts.kept},
          {"dropped_captions", counts.dropped_captions},
          {"kept_by_kind", counts.kept_by_kind},
          {"items_dropped_by", counts.items_dropped_by},
          {"conversations_dropped_by", counts.conversations_dropped_by}};
}

RunCounts counts_from_json(const json& value, const std::string& who) {
  const JsonObject object(value, who);
  RunCounts counts;
  counts.waiting = stages_from(object, "waiting");
  counts.failed = stages_from(object, "failed");
  counts.kept = object.required<int64_t>("kept");
  counts.dropped_captions = object.required<int64_t>("dropped_captions");
  counts.kept_by_kind = tally_from(object, "kept_by_kind");
  counts.items_dropped_by = tally_from(object, "items_dropped_by");
  counts.conversations_dropped_by = tally_from(object, "conversations_dropped_by");
  object.refuse_unread_keys();
  return counts;
}

}  // namespace fusion
