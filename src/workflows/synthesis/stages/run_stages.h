#pragma once
// A synthesis run: items go from stage to stage, each as soon as it can, until enough was kept.
//
//     pool --judge_caption--> expand --> draw --> ask --judge, in the order of ids--> done
//
// Note [Which items a run makes]
// The pool is asked for the next caption only while what was kept, and all that could be kept of the items on their
// way, is less than the limit. So an item is begun exactly if the items before it do not reach the limit: which ones
// are made, and paid for, follows from the recipe, the seed and the limit alone, not from the number of workers, their
// speed or how often the run was killed. Near the end this waits for items on their way instead of guessing. Items that
// were begun earlier, or that are retried, are finished whatever the limit is now.
//
// Note [What a kill costs]
// One thread, the caller's, takes captions, judges and writes; results are committed in groups, within a fraction of a
// second. What was not committed is done again, and comes out the same. A picture is written under another name and
// renamed before its item is committed: it is whole or not there, and a run that goes on looks.

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "workflows/synthesis/items/judge.h"
#include "workflows/synthesis/items/roles.h"
#include "workflows/synthesis/store/synth_store.h"

namespace fusion {

/// Who does what. All but the captions and the judge are called by several threads at once.
struct Roles {
  CaptionSource& captions;
  Writer& expand;
  Painter& draw;
  Writer& ask;
  Judge& judge;
  AgreementModel* agreement = nullptr;
  /// Sets width, height, picture_hash and picture_contrast; throws Error where the picture is none. Nothing: they stay
  /// 0.
  std::function<void(Item& item, const EncodedPicture& picture)> inspect = {};
};

struct StageSettings {
  int64_t workers = 2;                ///< how many items the stage works on at a time, 1 to 1024
  std::string provider = "embedded";  ///< name that its usage is booked under
};

struct RunProgress {
  RunCounts counts = {};  ///< as committed
  std::optional<int64_t> limit = {};
  Usage usage = {};      ///< of all sessions
  double seconds = 0;    ///< since this session began
  int64_t kept_now = 0;  ///< conversations kept in this session
  int64_t on_their_way = 0;
};

struct StageOptions {
  /// Conversations to keep, over all shards; each makes its share. Nothing: all that the captions give.
  std::optional<int64_t> limit = {};
  StageSettings expand = {};
  StageSettings draw = {};
  StageSettings ask = {};
  std::string agreement_provider = "embedded";
  /// Once so much was spent, over all sessions, nothing new is begun; calls under way may still add to it.
  std::optional<double> max_cost = {};
  std::optional<int64_t> max_tokens = {};
  /// Items in memory at a time; 0: four for each worker, but at least 256. Each takes some kilobytes.
  int64_t max_on_their_way = 0;
  int64_t commit_items = 256;    ///< results that are committed together at most
  double commit_seconds = 0.15;  ///< how long a result waits for its commit at most
  /// A stage that failed for so many items in a row stops the run.
  int64_t give_up_after_failures = 100;
  /// A judge that kept nothing of so many finished items in a row, or of so many captions, stops the run.
  int64_t give_up_after_items = 10'000;
  int64_t give_up_after_captions = 1'000'000;
  /// Called at most five times a second, and at the end, by the thread of the run.
  std::function<void(const RunProgress&)> progress = {};
  /// Asked to stop, the run gives up the calls under way, commits what is finished and returns.
  std::stop_token stop = {};
};

enum class RunEnd {
  kLimitReached,
  kSourceEnded,  ///< there are no more captions, and less was kept than the limit
  kStopped,
  kCostCap,
  kTokenCap,
};

/// "the limit is reached" ...
std::string_view run_end_text(RunEnd end);

struct RunSummary {
  RunEnd end = RunEnd::kLimitReached;
  RunCounts counts = {};
  Usage usage = {};    ///< of all sessions
  double seconds = 0;  ///< of this one
  BrokenCaptions broken_captions = {};
};

/// Runs the stages until the limit is reached, the captions end, or something stops it. An item for which a call fails
/// (any Error of its role, but ProviderUnusable) is set aside with the reason, and the run goes on.
///
/// Throws what stopped it, after all that was finished is committed: ProviderUnusable, an Error where a stage fails or
/// the judge drops without end, where the disk is full, where an option is out of range. It can be called again.
RunSummary run_stages(SynthStore& store, const Roles& roles, const StageOptions& options);

/// How many of `limit` conversations are this shard's.
int64_t shard_share(int64_t limit, int64_t shard, int64_t shards);

}  // namespace fusion
