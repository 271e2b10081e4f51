#pragma once
// Which process of a run this one is.

#include <cstdint>
#include <string>

namespace fusion {

struct ProcessPlace {
  int64_t rank = 0;        ///< 0 to world_size - 1
  int64_t world_size = 1;  ///< processes of the run
  int64_t local_rank = 0;  ///< on its machine: the number of its GPU
  std::string master_address = {};
  uint16_t master_port = 0;
  bool launcher_serves = false;  ///< the launcher itself listens at the master's port, as torchrun does
};

/// From RANK, WORLD_SIZE, LOCAL_RANK (the rank where it is not set), MASTER_ADDR and MASTER_PORT, as torchrun sets
/// them. One process where neither RANK nor WORLD_SIZE is set or WORLD_SIZE is 1. Throws Error, which names the
/// variable, where one is missing or makes no sense.
ProcessPlace process_place();

}  // namespace fusion
