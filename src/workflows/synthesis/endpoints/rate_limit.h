#pragma once
// How many calls may be made, and when a failed one is made again.

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string_view>

#include "foundation/core/random_source.h"
#include "workflows/synthesis/endpoints/call_clock.h"

namespace fusion {

/// Lets calls begin at an even rate, and not before a pause that the server asked for is over. Any number of threads.
class RateLimit {
 public:
  /// \param per_minute  0: no limit but the pauses
  RateLimit(double per_minute, std::shared_ptr<CallClock> clock)
      : interval_(per_minute > 0 ? 60 / per_minute : 0), clock_(std::move(clock)) {}

  /// Waits for the turn of one call. \return false where a stop was asked for
  bool wait(const std::stop_token& stop);
  /// No call begins before `time`.
  void pause_until(double time);

 private:
  double interval_;
  std::shared_ptr<CallClock> clock_;
  std::mutex mutex_;
  double next_ = 0;  ///< when the next call may begin
};

/// So many at a time.
class Slots {
 public:
  explicit Slots(int64_t count) : free_(count) {}

  /// One of them, for as long as it lives.
  class Held {
   public:
    explicit Held(Slots& slots) : slots_(&slots) {}
    ~Held();
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;

   private:
    Slots* slots_;
  };
  /// Nothing where a stop was asked for.
  std::unique_ptr<Held> take(const std::stop_token& stop);

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  int64_t free_;
};

/// Seconds to wait behind failed attempt number `attempt`, counted from 1: 1, 2, 4 ... 60, of which a half is random,
/// so that calls that failed together do not come back together.
double backoff_seconds(int64_t attempt, RandomSource& random);

/// Seconds that a Retry-After header asks for: "120", or a date ("Wed, 21 Oct 2015 07:28:00 GMT"). Nothing where it
/// says neither; 0 for what is over.
std::optional<double> retry_after_seconds(std::string_view header, int64_t unix_time);

}  // namespace fusion
