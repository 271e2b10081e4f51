#include "workflows/synthesis/stages/stage_workers.h"

#include <utility>

#include "workflows/synthesis/stages/picture_file.h"

namespace fusion {

StageWorkers::StageWorkers(const StageSteps& steps, const StageOptions& options) : steps_(steps) {
  on_stop_.emplace(options.stop, [this] {
    calls_.request_stop();
    const std::lock_guard lock(mutex_);
    arrived_.notify_all();
  });
  const std::array<int64_t, kWorkedStages> workers = {options.expand.workers, options.draw.workers,
                                                      options.ask.workers};
  for (size_t stage = 0; stage < kWorkedStages; ++stage) {
    for (int64_t i = 0; i < workers[stage]; ++i) {
      threads_.emplace_back([this, stage](const std::stop_token& quit) { work(quit, stage); });
    }
  }
}

StageWorkers::~StageWorkers() {
  calls_.request_stop();
}

void StageWorkers::give(Stage stage, Item item) {
  const size_t index = stage_index(stage);
  {
    const std::lock_guard lock(mutex_);
    queues_[index].push_back(std::move(item));
  }
  queued_[index].notify_one();
}

std::vector<StageResult> StageWorkers::take(std::chrono::steady_clock::time_point until) {
  std::unique_lock lock(mutex_);
  arrived_.wait_until(lock, until, [this] { return !results_.empty() || calls_.stop_requested(); });
  return std::exchange(results_, {});
}

std::vector<StageResult> StageWorkers::finish(bool give_up) {
  if (give_up) calls_.request_stop();
  for (std::jthread& thread : threads_) thread.request_stop();
  for (std::jthread& thread : threads_) thread.join();
  threads_.clear();
  const std::lock_guard lock(mutex_);
  return std::exchange(results_, {});
}

void StageWorkers::work(const std::stop_token& quit, size_t stage) {
  while (true) {
    Item item;
    {
      std::unique_lock lock(mutex_);
      queued_[stage].wait(lock, quit, [this, stage] { return !queues_[stage].empty(); });
      if (quit.stop_requested() || calls_.stop_requested()) return;
      item = std::move(queues_[stage].front());
      queues_[stage].pop_front();
    }
    StageResult result = run(stage_at(stage), std::move(item));
    const std::lock_guard lock(mutex_);
    results_.push_back(std::move(result));
    arrived_.notify_one();
  }
}

StageResult StageWorkers::run(Stage stage, Item item) {
  using Kind = StageResult::Kind;
  StageResult result{.item = std::move(item), .stage = stage};
  try {
    steps_.run(stage, result.item, calls_.get_token(), result.usage);
  } catch (const ProviderUnusable&) {
    result.kind = Kind::kFatal;
    result.error = std::current_exception();
  } catch (const PictureNotWritten&) {
    result.kind = Kind::kFatal;
    result.error = std::current_exception();
  } catch (const Error& error) {
    result.kind = calls_.stop_requested() ? Kind::kStopped : Kind::kFailed;
    result.reason = error.what();
  } catch (...) {
    result.kind = Kind::kFatal;
    result.error = std::current_exception();
  }
  return result;
}

}  // namespace fusion
