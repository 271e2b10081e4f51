#pragma once
// Where a run stands, also while another program works on it.

#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>

#include "workflows/synthesis/items/roles.h"
#include "workflows/synthesis/store/synth_store.h"

namespace fusion {

struct StageProgress {
  Stage stage = Stage::kExpand;
  int64_t waiting = 0;    ///< items that have this stage before them
  int64_t passed = 0;     ///< items that have it behind them
  int64_t failed = 0;     ///< items that were set aside here
  double per_second = 0;  ///< items it passed in the last session, by that session's whole time
  Usage usage = {};       ///< of all its providers
};

struct RunStatus {
  std::array<StageProgress, 4> stages{};  ///< expand, draw, ask, filter
  RunCounts counts = {};
  UsageTable usage_by_provider = {};
  Usage usage = {};                   ///< of all stages
  std::optional<int64_t> limit = {};  ///< of this shard, as the last session had it
  BrokenCaptions broken_captions = {};
  double kept_per_second = 0;  ///< conversations, in the last session
  /// Forecasts for the whole run, from what was kept so far; nothing where there is no limit, or nothing was kept.
  std::optional<double> seconds_left = {};
  std::optional<double> cost_at_limit = {};
  std::optional<int64_t> tokens_at_limit = {};
  /// Since the last commit; nothing before the first.
  std::optional<double> idle_seconds = {};
};

/// Conversations that the run has, of which its data set takes no more than the limit: stages that run at once make
/// some more.
int64_t kept_within_limit(const RunStatus& status);

/// Whether the run came to its end, the limit, the last caption or a cap, when it was last started. Of a run by a
/// program that did not note it, what is unfinished tells.
bool is_at_end(SynthStore& store);

/// The store's note of captions that the source passed over.
void note_broken_captions(SynthStore& store, const BrokenCaptions& broken);
BrokenCaptions noted_broken_captions(SynthStore& store);

nlohmann::ordered_json broken_captions_to_json(const BrokenCaptions& broken);

/// \param now  seconds since 1970
RunStatus read_status(SynthStore& store, double now);

}  // namespace fusion
