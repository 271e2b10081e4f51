#pragma once
// Ctrl-C stops an answer, not the program.

#include <csignal>

#include "fusion/failure.h"

namespace fusion::app {

/// While it lives, the first SIGINT only sets a flag; a second one ends the program as SIGINT does elsewhere. Where the
/// program was started with SIGINT ignored, as in the background of a script, it stays ignored. One may
/// be made while another lives; the flag is then the inner one's.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  /// Whether a SIGINT came since the guard was made. Safe from any thread.
  bool interrupted() const;

 private:
  struct sigaction before_ = {};
};

/// Thrown when the user stopped the work and what was done stands: exit code 130.
struct Interrupted : EarlyEnd {
  Interrupted() : EarlyEnd{kInterrupted} {}
};

}  // namespace fusion::app
