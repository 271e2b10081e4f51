#pragma once
// One session of a run: what run_stages() is made of. See its notes.

#include <chrono>
#include <deque>
#include <exception>
#include <map>
#include <optional>
#include <string>

#include "workflows/synthesis/stages/frontier.h"
#include "workflows/synthesis/stages/run_stages.h"
#include "workflows/synthesis/stages/stage_steps.h"
#include "workflows/synthesis/stages/stage_workers.h"

namespace fusion {

class Run {
 public:
  /// All must outlive it. Throws Error where an option is out of range.
  Run(SynthStore& store, const Roles& roles, const StageOptions& options);

  RunSummary work();

 private:
  using Clock = std::chrono::steady_clock;

  /// Tells the judge of earlier sessions, and has pictures that are gone drawn again.
  void replay();
  /// The whole item, as it was before it was drawn.
  Item undrawn(int64_t id);
  /// Works until there is nothing left to do, or something stops the session.
  RunEnd go_on();
  /// Ends the workers, and commits what they had under way.
  /// \param error  what stopped the run, if anything did; else what goes wrong here
  void wind_down(std::exception_ptr& error);
  std::optional<RunEnd> reason_to_stop() const;

  /// Sends some more items on their way. Returns whether there may be more to send at once.
  bool send_items();
  std::optional<StoredItem> next_unfinished();
  void send_unfinished(StoredItem stored);
  /// Returns false where there are no more captions.
  bool send_caption();
  void send(Stage stage, Item item);

  void settle(StageResult result);
  void set_aside(const StageResult& result);
  void judge_what_is_ready();
  void count_barren(int64_t& in_a_row, int64_t bound, const Item& item) const;

  void note_change();
  void write(Item item, Stage stage);
  void commit();
  void commit_if_due();
  void report(bool now);

  SynthStore& store_;
  const Roles& roles_;
  const StageOptions& options_;
  std::optional<int64_t> limit_;  ///< this shard's
  int64_t max_on_their_way_;
  StageSteps steps_;
  std::optional<StageWorkers> workers_;
  Frontier frontier_;

  std::deque<StoredItem> unfinished_;  ///< read from the store, not yet sent
  int64_t read_up_to_ = -1;
  bool all_read_ = false;
  int64_t next_caption_ = 0;
  bool source_asked_ = false;
  bool source_ended_ = false;
  bool stopping_ = false;  ///< nothing new is begun

  std::map<int64_t, StoredItem> to_write_;  ///< each item as it is now; by id
  StoreChanges changes_;                    ///< of the next commit, all but its items
  Clock::time_point oldest_change_{};       ///< when the first of them came
  bool changed_ = false;
  bool store_failed_ = false;  ///< the last commit did: what it held is done again by the next session

  Usage used_;  ///< of all sessions
  int64_t kept_ = 0;
  int64_t kept_before_ = 0;  ///< when this session began
  std::array<int64_t, kStages> failures_in_a_row_{};
  int64_t barren_items_ = 0;
  int64_t barren_captions_ = 0;
  std::exception_ptr worker_error_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point reported_{};
};

}  // namespace fusion
