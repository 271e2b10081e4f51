#pragma once
// Signals that stop the work, not the program.

#include <array>
#include <csignal>

#include "fusion/failure.h"

namespace fusion::app {

/// What asks a program to stop.
enum class StopSignals {
  kInterrupt,             ///< Ctrl-C
  kInterruptAndTerminate  ///< SIGTERM too, which schedulers send before they kill
};

/// While it lives, the first of the signals only sets a flag; a second SIGINT ends the program as it does elsewhere. A
/// SIGTERM never does, and where it is among the signals, neither does a SIGINT within a second of the first: launchers
/// and `timeout` send a signal to a program and again to its group. Where the program was started with one ignored, as
/// in the background of a script, it stays ignored. One guard may be made while another lives; the flag is then the
/// inner one's.
class InterruptGuard {
 public:
  explicit InterruptGuard(StopSignals signals = StopSignals::kInterrupt);
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  /// Whether a signal came since the guard was made. Safe from any thread.
  bool interrupted() const;

 private:
  struct Handled {
    int signal;
    struct sigaction before;
  };
  std::array<Handled, 2> handled_ = {};
  size_t count_ = 0;
};

/// Thrown when the user stopped the work and what was done stands: exit code 130.
struct Interrupted : EarlyEnd {
  Interrupted() : EarlyEnd{kInterrupted} {}
};

}  // namespace fusion::app
