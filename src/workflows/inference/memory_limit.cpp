#include "workflows/inference/memory_limit.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <string_view>

namespace fusion {

namespace {

namespace fs = std::filesystem;

/// Of a file that holds one number; anything else, such as "max", is no limit.
uint64_t limit_in(const fs::path& file) {
  std::string text;
  std::ifstream(file) >> text;
  uint64_t limit = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), limit);
  return code == std::errc() && end == text.data() + text.size() ? limit : kUnlimited;
}

/// A group and all around it. In a container the group's path may be the host's, of which only the last ones are
/// there to be read.
uint64_t limit_up_from(const std::string& group, const fs::path& mount, const char* file) {
  uint64_t least = kUnlimited;
  for (fs::path path = fs::path(group).lexically_normal();; path = path.parent_path()) {
    least = std::min(least, limit_in(mount / path.relative_path() / file));
    if (!path.has_relative_path()) return least;
  }
}

/// Whether a list such as "cpu,memory" has "memory".
bool names_memory(std::string_view controllers) {
  while (!controllers.empty()) {
    const size_t end = std::min(controllers.find(','), controllers.size());
    if (controllers.substr(0, end) == "memory") return true;
    controllers.remove_prefix(std::min(end + 1, controllers.size()));
  }
  return false;
}

}  // namespace

uint64_t control_group_limit(const std::string& membership, const std::string& mount) {
  uint64_t least = kUnlimited;
  std::ifstream lines(membership);
  // "4:memory:/group" in version 1, "0::/group" in version 2.
  for (std::string line; std::getline(lines, line);) {
    const size_t first = line.find(':');
    const size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const std::string group = line.substr(second + 1);
    if (controllers.empty()) least = std::min(least, limit_up_from(group, mount, "memory.max"));
    if (!names_memory(controllers)) continue;
    least = std::min(least, limit_up_from(group, fs::path(mount) / "memory", "memory.limit_in_bytes"));
  }
  return least;
}

uint64_t memory_for_this_process() {
  const int64_t pages = ::sysconf(_SC_PHYS_PAGES);
  const int64_t page = ::sysconf(_SC_PAGESIZE);
  if (pages <= 0 || page <= 0) return 0;
  uint64_t least = static_cast<uint64_t>(pages) * static_cast<uint64_t>(page);
  least = std::min(least, control_group_limit("/proc/self/cgroup", "/sys/fs/cgroup"));
  rlimit space{};
  if (::getrlimit(RLIMIT_AS, &space) == 0)
    least = std::min<uint64_t>(least, space.rlim_cur);  // RLIM_INFINITY: no limit
  return least;
}

}  // namespace fusion
