#pragma once
// The time of day that records are stamped with.

#include <chrono>

namespace fusion {

/// Seconds since 1970.
inline double wall_clock_seconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace fusion
