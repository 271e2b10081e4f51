#pragma once
// Time as the calls see it, so that tests need not wait.

#include <cstdint>
#include <memory>
#include <stop_token>

namespace fusion {

/// Any number of threads may ask.
class CallClock {
 public:
  virtual ~CallClock() = default;
  /// Seconds since some moment; never goes back.
  virtual double now() const = 0;
  /// Seconds since 1970: what dates are compared with.
  virtual int64_t unix_time() const = 0;
  /// Waits until now() is `time`. \return false where a stop was asked for, which ends the wait at once.
  virtual bool wait_until(double time, const std::stop_token& stop) = 0;
};

std::shared_ptr<CallClock> real_clock();

}  // namespace fusion
