#pragma once
// How much memory this process may have. A container and a batch system give a part of the machine's.

#include <cstdint>
#include <limits>
#include <string>

namespace fusion {

inline constexpr uint64_t kUnlimited = std::numeric_limits<uint64_t>::max();

/// The smallest limit, in bytes, of the control groups that a process is in, those around them included; kUnlimited
/// where there is none or it cannot be read.
/// \param membership  a file as /proc/self/cgroup is, of version 1, 2 or both
/// \param mount       where the groups are mounted: /sys/fs/cgroup
uint64_t control_group_limit(const std::string& membership, const std::string& mount);

/// Bytes: the least of the machine's own, its control groups' limit and the limit of its address space. 0: not known.
uint64_t memory_for_this_process();

}  // namespace fusion
