#pragma once
// The threads of the stages: items go in, results come out, in any order.

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "workflows/synthesis/stages/stage_steps.h"

namespace fusion {

/// What became of an item in a stage.
struct StageResult {
  enum class Kind {
    kDone,
    kFailed,   ///< to be set aside
    kStopped,  ///< given up because the run stops: nothing happened
    kFatal,    ///< `error` stops the run; nothing is held against the item
  };
  Kind kind = Kind::kDone;
  Item item = {};  ///< with the stage's work, where it is done
  Stage stage = Stage::kExpand;
  std::string reason = {};
  std::exception_ptr error = nullptr;
  UsageTable usage = {};
};

class StageWorkers {
 public:
  /// `steps` must outlive it. Calls under way are given up when `stop` is asked for.
  StageWorkers(const StageSteps& steps, const StageOptions& options);
  ~StageWorkers();
  StageWorkers(const StageWorkers&) = delete;
  StageWorkers& operator=(const StageWorkers&) = delete;

  /// Queues an item for kExpand, kDraw or kAsk. How many are queued is the caller's affair.
  void give(Stage stage, Item item);
  /// The results since the last call; waits for one until `until`, or until the run is asked to stop.
  std::vector<StageResult> take(std::chrono::steady_clock::time_point until);
  /// Begins nothing new, waits for what is under way and returns the results that are left.
  /// \param give_up  whether the calls under way are told to give up
  std::vector<StageResult> finish(bool give_up);

 private:
  static constexpr size_t kWorkedStages = 3;

  void work(const std::stop_token& quit, size_t stage);
  StageResult run(Stage stage, Item item);

  const StageSteps& steps_;
  std::stop_source calls_;  ///< stops calls under way
  std::mutex mutex_;
  std::array<std::deque<Item>, kWorkedStages> queues_;
  std::array<std::condition_variable_any, kWorkedStages> queued_;
  std::vector<StageResult> results_;
  std::condition_variable_any arrived_;
  std::optional<std::stop_callback<std::function<void()>>> on_stop_;
  std::vector<std::jthread> threads_;  ///< last: they end before what they use
};

}  // namespace fusion
