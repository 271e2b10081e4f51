#include "workflows/training/plan/devices.h"

#include <ATen/DeviceAccelerator.h>
#include <torch/types.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "workflows/inference/machine.h"

namespace fusion {

namespace {

struct Entry {
  std::string_view name;
  double memory;
  double float32;   // without tensor cores: float32 runs do not round to TF32
  double bfloat16;  // dense, sums in float32
};
constexpr std::array<Entry, 8> kDevices = {{{"a100", 80e9, 19.5e12, 312e12},
                                            {"a100-40gb", 40e9, 19.5e12, 312e12},
                                            {"h100", 80e9, 67e12, 989e12},
                                            {"h200", 141e9, 67e12, 989e12},
                                            {"l40s", 48e9, 91.6e12, 362e12},
                                            {"rtx3090", 24e9, 35.6e12, 71e12},
                                            {"rtx4090", 24e9, 82.6e12, 165e12},
                                            {"rtx5090", 32e9, 104.8e12, 209e12}}};

/// Operations a second in a product of this type, the best of three after a first one.
double measured_speed(torch::ScalarType dtype) {
  constexpr int64_t kSize = 768;
  const auto a = torch::ones({kSize, kSize}, dtype);
  double best = 0;
  for (int i = 0; i < 4; ++i) {
    const auto start = std::chrono::steady_clock::now();
    torch::matmul(a, a);
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    if (i > 0) best = std::max(best, 2.0 * kSize * kSize * kSize / taken.count());
  }
  return best;
}

}  // namespace

std::vector<std::string> device_names() {
  std::vector<std::string> names;
  for (const Entry& entry : kDevices) names.emplace_back(entry.name);
  return names;
}

PlannedDevice find_device(const std::string& name) {
  for (const Entry& entry : kDevices) {
    if (entry.name != name) continue;
    return {.name = name,
            .memory = static_cast<uint64_t>(entry.memory),
            .float32 = entry.float32,
            .bfloat16 = entry.bfloat16};
  }
  const std::string nearest = closest_match(name, device_names());
  throw Error({.who = "device",
               .expected = cat("one of ", join(device_names(), ", ")),
               .got = cat("'", printable(name), "'"),
               .hint = nearest.empty() ? "give its memory and speed instead" : cat("did you mean ", nearest, "?")});
}

PlannedDevice this_device(c10::Device device) {
  if (device.is_cpu()) {
    const Machine machine = describe_machine();
    return {.name = machine.cpu,
            .memory = machine.memory,
            .float32 = measured_speed(torch::kFloat32),
            .bfloat16 = measured_speed(torch::kBFloat16)};
  }
  // The part that context, libraries and fragmentation leave.
  constexpr double kUsable = 0.95;
  const size_t memory = at::accelerator::getMemoryInfo(std::max<c10::DeviceIndex>(device.index(), 0)).second;
  return {.name = device.str(), .memory = static_cast<uint64_t>(kUsable * static_cast<double>(memory))};
}

}  // namespace fusion
