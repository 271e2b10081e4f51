#pragma once
// How far a run has come, in numbers that cost nothing to read however many items there are.

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "workflows/synthesis/items/item.h"

namespace fusion {

inline constexpr size_t kStages = 5;

/// Place of a stage in an array of kStages.
inline constexpr size_t stage_index(Stage stage) {
  return static_cast<size_t>(stage) - 1;
}
inline constexpr Stage stage_at(size_t index) {
  return static_cast<Stage>(index + 1);
}

/// Conversations of the item that were judged and not dropped, 0 where the item itself was dropped.
int64_t kept_conversations(const Item& item);

struct RunCounts {
  std::array<int64_t, kStages> waiting{};  ///< items by what has to be done next; the last are the finished ones
  std::array<int64_t, kStages> failed{};   ///< items that were set aside, by the stage that failed
  int64_t kept = 0;                        ///< conversations
  int64_t dropped_captions = 0;            ///< finished items that were dropped before anything was paid for
  std::map<std::string, int64_t> kept_by_kind;
  std::map<std::string, int64_t> items_dropped_by;          ///< by the filter's name
  std::map<std::string, int64_t> conversations_dropped_by;  ///< in items that were dropped themselves, too

  int64_t items() const;
  int64_t done() const { return waiting[stage_index(Stage::kDone)]; }
  int64_t failed_items() const;
  int64_t dropped_items() const;

  /// Counts the item, which has come to `stage`; `times` -1 takes it out again.
  void add(const Item& item, Stage stage, int64_t times = 1);

  bool operator==(const RunCounts&) const = default;
};

nlohmann::ordered_json counts_to_json(const RunCounts& counts);
/// The inverse. Throws Error about `who`.
RunCounts counts_from_json(const nlohmann::json& json, const std::string& who);

}  // namespace fusion
