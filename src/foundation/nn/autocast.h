#pragma once
// Mixed precision: matrix products in 16 bits while the weights stay float32.

#include <torch/types.h>

#include <optional>

namespace fusion {

/// Which device's operations compute in which 16-bit type; torch decides for each whether that is safe.
struct Autocast {
  torch::DeviceType device = torch::kCPU;
  torch::ScalarType dtype = torch::kBFloat16;
};

/// What is in force in this thread.
std::optional<Autocast> current_autocast();

/// Puts `autocast` (nothing: full precision) in force in this thread while it lives. A weight is converted once in the
/// life of the outermost guard: one guard a forward pass.
class AutocastGuard {
 public:
  explicit AutocastGuard(const std::optional<Autocast>& autocast);
  ~AutocastGuard();
  AutocastGuard(const AutocastGuard&) = delete;
  AutocastGuard& operator=(const AutocastGuard&) = delete;

 private:
  std::optional<Autocast> before_;
};

}  // namespace fusion
