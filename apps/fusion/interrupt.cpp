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

InterruptGuard::InterruptGuard() {
  signalled = false;
  struct sigaction action = {};
  action.sa_handler = note_signal;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGINT, &action, &before_);
  if (before_.sa_handler == SIG_IGN) ::sigaction(SIGINT, &before_, nullptr);
}

InterruptGuard::~InterruptGuard() {
  signalled = false;  // the next one is a first one again
  ::sigaction(SIGINT, &before_, nullptr);
}

bool InterruptGuard::interrupted() const {
  return signalled;
}

}  // namespace fusion::app
