#include "fusion/interrupt.h"

#include <atomic>

namespace fusion::app {

namespace {

// A signal handler reaches nothing but what is global.
std::atomic<bool> signalled = false;
static_assert(std::atomic<bool>::is_always_lock_free);

void note_signal(int signal) {
  if (!signalled.exchange(true)) return;
  // Delivered again as soon as this handler returns, then to the default action.
  (void)std::signal(signal, SIG_DFL);
  (void)std::raise(signal);
}

}  // namespace

InterruptGuard::InterruptGuard(StopSignals signals) {
  signalled = false;
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
