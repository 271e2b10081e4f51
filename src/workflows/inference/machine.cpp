#include "workflows/inference/machine.h"

#include <ATen/Parallel.h>
#include <sched.h>
#include <torch/version.h>
#include <unistd.h>

#include <charconv>
#include <fstream>
#include <string_view>

#include "workflows/inference/memory_limit.h"

namespace fusion {

namespace {

/// What stands behind "name" and a colon in a file of such lines; empty where it is not.
std::string value_in(const char* file, std::string_view name) {
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    const size_t colon = line.find(':');
    if (!line.starts_with(name) || colon == std::string::npos) continue;
    const size_t begin = line.find_first_not_of(" \t", colon + 1);
    return begin == std::string::npos ? "" : line.substr(begin);
  }
  return "";
}

/// Of a value like "1234 kB".
uint64_t kilobytes_in(const char* file, std::string_view name) {
  const std::string value = value_in(file, name);
  uint64_t amount = 0;
  std::from_chars(value.data(), value.data() + value.size(), amount);
  return amount * 1024;
}

int64_t usable_cores() {
  cpu_set_t cores;
  if (::sched_getaffinity(0, sizeof cores, &cores) == 0) return CPU_COUNT(&cores);
  return ::sysconf(_SC_NPROCESSORS_ONLN);
}

}  // namespace

Machine describe_machine() {
  const std::string cpu = value_in("/proc/cpuinfo", "model name");
  return {.cpu = cpu.empty() ? "unknown" : cpu,
          .cores = usable_cores(),
          .memory = memory_for_this_process(),
          .torch = TORCH_VERSION,
          .threads = at::get_num_threads()};
}

MemoryUse memory_use() {
  constexpr const char* kStatus = "/proc/self/status";
  return {.peak_resident = kilobytes_in(kStatus, "VmHWM"),
          .file_pages = kilobytes_in(kStatus, "RssFile"),
          .own_pages = kilobytes_in(kStatus, "RssAnon")};
}

}  // namespace fusion
