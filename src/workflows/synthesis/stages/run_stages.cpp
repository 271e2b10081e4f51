#include "workflows/synthesis/stages/run_stages.h"

#include "workflows/synthesis/stages/run.h"

namespace fusion {

std::string_view run_end_text(RunEnd end) {
  switch (end) {
    case RunEnd::kLimitReached:
      return "the limit is reached";
    case RunEnd::kSourceEnded:
      return "there are no more captions";
    case RunEnd::kStopped:
      return "it was asked to stop";
    case RunEnd::kCostCap:
      return "the cap on cost is reached";
    case RunEnd::kTokenCap:
      return "the cap on tokens is reached";
  }
  return "";
}

int64_t shard_share(int64_t limit, int64_t shard, int64_t shards) {
  return limit / shards + (shard < limit % shards ? 1 : 0);
}

RunSummary run_stages(SynthStore& store, const Roles& roles, const StageOptions& options) {
  return Run(store, roles, options).work();
}

}  // namespace fusion
