#include "foundation/nn/autocast.h"

#include <ATen/autocast_mode.h>

#include <array>

namespace fusion {

namespace {

constexpr std::array<torch::DeviceType, 2> kDevices = {torch::kCPU, torch::kCUDA};

void put_in_force(const std::optional<Autocast>& autocast) {
  for (const torch::DeviceType device : kDevices) {
    const bool enabled = autocast && autocast->device == device;
    at::autocast::set_autocast_enabled(device, enabled);
    if (enabled) at::autocast::set_autocast_dtype(device, autocast->dtype);
  }
}

}  // namespace

std::optional<Autocast> current_autocast() {
  for (const torch::DeviceType device : kDevices) {
    if (at::autocast::is_autocast_enabled(device)) {
      return Autocast{.device = device, .dtype = at::autocast::get_autocast_dtype(device)};
    }
  }
  return std::nullopt;
}

AutocastGuard::AutocastGuard(const std::optional<Autocast>& autocast) : before_(current_autocast()) {
  put_in_force(autocast);
  at::autocast::increment_nesting();
}

AutocastGuard::~AutocastGuard() {
  // Converted weights are of one forward pass: the next may see others.
  if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
  put_in_force(before_);
}

}  // namespace fusion
