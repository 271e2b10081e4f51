#include "workflows/synthesis/endpoints/call_clock.h"

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace fusion {
namespace {

class RealClock : public CallClock {
 public:
  double now() const override {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
  }

  int64_t unix_time() const override {
    return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
  }

  bool wait_until(double time, const std::stop_token& stop) override {
    std::mutex mutex;
    std::condition_variable_any nothing;
    std::unique_lock lock(mutex);
    nothing.wait_for(lock, stop, std::chrono::duration<double>(time - now()), [] { return false; });
    return !stop.stop_requested();
  }
};

}  // namespace

std::shared_ptr<CallClock> real_clock() {
  return std::make_shared<RealClock>();
}

}  // namespace fusion
