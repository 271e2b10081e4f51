#pragma once
// One run of a folder at a time.

#include <string>

namespace fusion {

/// Holds the run's folder while it lives; the system lets go of it when the program ends, however it ends.
class RunLock {
 public:
  /// Throws Error where another program holds it.
  explicit RunLock(const std::string& folder);
  ~RunLock();
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

 private:
  int descriptor_ = -1;
};

}  // namespace fusion
