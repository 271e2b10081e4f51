#include "workflows/datasets/loader.h"

#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>

#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

/// What became of one micro-batch.
struct Loader::Loaded {
  MicroBatch batch = {};
  int64_t read = 0;
  std::vector<BrokenRecord> broken = {};
  std::exception_ptr failure = nullptr;  ///< of the order, or no memory: no matter of a single record

  static Loaded from(const SampleReader& reader, const std::vector<int64_t>& records, const std::stop_token& stop = {});
};

Loader::Loaded Loader::Loaded::from(const SampleReader& reader, const std::vector<int64_t>& records,
                                    const std::stop_token& stop) {
  Loaded loaded{.read = static_cast<int64_t>(records.size())};
  try {
    std::vector<Sample> samples;
    for (const int64_t index : records) {
      if (stop.stop_requested()) return loaded;
      try {
        samples.push_back(reader.read(index));
      } catch (const Error& error) {
        loaded.broken.push_back({.index = index, .id = reader.mixture().id(index), .reason = error.what()});
      }
    }
    loaded.batch = collate(samples, reader.options().tiles(), reader.pad_id());
  } catch (...) {
    loaded.failure = std::current_exception();
  }
  return loaded;
}

/// Threads that load micro-batches k = 0, 1, ... ahead of who takes them, in a window of `prefetch`.
class Loader::Workers {
 public:
  Workers(const SampleReader& reader, const Order& order, const LoaderOptions& options)
      : reader_(reader), order_(order), prefetch_(options.prefetch) {
    for (int64_t i = 0; i < options.workers; ++i) {
      threads_.emplace_back([this](const std::stop_token& stop) { work(stop); });
    }
  }
  ~Workers() {
    // All are told before the first is waited for.
    for (std::jthread& thread : threads_) thread.request_stop();
  }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  /// The next one in order; nothing at the end.
  std::optional<Loaded> take() {
    std::unique_lock lock(mutex_);
    loaded_.wait(lock, [this] { return ready_.contains(taken_) || (ended_ && taken_ == started_); });
    const auto found = ready_.find(taken_);
    if (found == ready_.end()) return std::nullopt;
    Loaded loaded = std::move(found->second);
    ready_.erase(found);
    ++taken_;
    room_.notify_one();
    return loaded;
  }

 private:
  void work(const std::stop_token& stop) {
    for (;;) {
      std::unique_lock lock(mutex_);
      const bool go_on = room_.wait(lock, stop, [this] { return ended_ || started_ < taken_ + prefetch_; });
      if (!go_on || ended_ || stop.stop_requested()) return;
      const int64_t k = started_;
      std::optional<std::vector<int64_t>> records;
      try {
        records = order_(k);
      } catch (...) {
        ++started_;
        end();
        ready_[k] = {.failure = std::current_exception()};
        return;
      }
      if (!records) return end();
      ++started_;
      lock.unlock();
      Loaded loaded = Loaded::from(reader_, *records, stop);
      lock.lock();
      ready_[k] = std::move(loaded);
      loaded_.notify_one();
    }
  }

  /// No further micro-batch begins. The mutex is held.
  void end() {
    ended_ = true;
    room_.notify_all();
    loaded_.notify_one();
  }

  const SampleReader& reader_;
  const Order& order_;
  const int64_t prefetch_;
  std::mutex mutex_;  // guards everything below but the threads
  std::condition_variable_any room_;
  std::condition_variable_any loaded_;
  std::map<int64_t, Loaded> ready_;
  int64_t started_ = 0;  ///< micro-batches that a worker has begun
  int64_t taken_ = 0;
  bool ended_ = false;
  std::vector<std::jthread> threads_;  // last: they end before what they use
};

Loader::Loader(std::shared_ptr<const SampleReader> reader, Order order, LoaderOptions options)
    : reader_(std::move(reader)), order_(std::move(order)), options_(std::move(options)) {
  if (options_.workers < 0 || options_.prefetch < 1) {
    throw Error({.who = "loader",
                 .expected = "workers from 0 on, a prefetch from 1 on",
                 .got = cat(options_.workers, " and ", options_.prefetch)});
  }
  if (options_.workers > 0) workers_ = std::make_unique<Workers>(*reader_, order_, options_);
}

Loader::~Loader() = default;

std::optional<MicroBatch> Loader::next() {
  std::optional<Loaded> loaded;
  if (workers_ != nullptr) {
    loaded = workers_->take();
  } else if (const auto records = order_(next_)) {
    ++next_;
    loaded = Loaded::from(*reader_, *records);
  }
  if (!loaded) return std::nullopt;
  account(*loaded);
  return std::move(loaded->batch);
}

void Loader::account(const Loaded& loaded) {
  if (loaded.failure) std::rethrow_exception(loaded.failure);
  read_ += loaded.read;
  broken_ += static_cast<int64_t>(loaded.broken.size());
  for (const BrokenRecord& record : loaded.broken) {
    if (!reported_.insert(record.index).second) continue;
    if (options_.on_broken) options_.on_broken(record);
  }
}

}  // namespace fusion
