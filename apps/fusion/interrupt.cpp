#include "fusion/interrupt.h"

#include <atomic>
#include <cstdint>
#include <ctime>

namespace fusion::app {

namespace {

// A signal handler reaches nothing but what is global.
std::atomic<bool> signalled = false;
std::atomic<bool> launched = false;        ///< somebody else may send signals, and send them twice
std::atomic<int64_t> first_signal_at = 0;  ///< seconds
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int64_t>::is_always_lock_free);

int64_t seconds_now() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec;
}

void note_signal(int signal) {
  if (!signalled.exchange(true)) {
    first_signal_at = seconds_now();
    return;
  }
  if (signal == SIGTERM || (launched && seconds_now() - first_signal_at < 2)) return;
  // Delivered again as soon as this handler returns, then to the default action.
  (void)std::signal(signal, SIG_DFL);
  (void)std::raise(signal);
}

}  // namespace

InterruptGuard::InterruptGuard(StopSignals signals) {
  signalled = false;
  launched = signals == StopSignals::kInterruptAndTerminate;
  struct sigaction action = {};
  action.sa_handler = note_signal;
  action.sa_flags = SA_RESTART;
  const auto handle = [&](int signal) {
    struct sigaction before = {};
    ::sigaction(signal, &action, &before);
    if (before.sa_handler == SIG_IGN) {
      ::sigaction(signal, &before, nullptr);
    } else {
      handled_[count_++] = {.signal = signal, .before = before};
    }
  };
  handle(SIGINT);
  if (signals == StopSignals::kInterruptAndTerminate) handle(SIGTERM);
}

InterruptGuard::~InterruptGuard() {
  signalled = false;  // the next one is a first one again
  for (size_t i = 0; i < count_; ++i) ::sigaction(handled_[i].signal, &handled_[i].before, nullptr);
}

bool InterruptGuard::interrupted() const {
  return signalled;
}

}  // namespace fusion::app
