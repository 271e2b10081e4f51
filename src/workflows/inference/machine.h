#pragma once
// What a measurement was made on, and what it took of it.

#include <cstdint>
#include <string>

namespace fusion {

struct Machine {
  std::string cpu;         ///< its model name, or "unknown"
  int64_t cores = 0;       ///< that this process may use
  uint64_t memory = 0;     ///< bytes, of which this process may have all
  std::string torch = {};  ///< version
  int64_t threads = 0;     ///< of torch
};

Machine describe_machine();

/// Bytes of this process. Pages of mapped weights count as resident, but the system may take them back at any time.
struct MemoryUse {
  uint64_t peak_resident = 0;  ///< the most there ever were
  uint64_t file_pages = 0;     ///< resident now and backed by files
  uint64_t own_pages = 0;      ///< resident now and this process's own
};

/// Zeros where the system does not tell.
MemoryUse memory_use();

}  // namespace fusion
