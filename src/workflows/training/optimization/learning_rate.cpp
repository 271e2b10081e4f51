#include "workflows/training/optimization/learning_rate.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace fusion {

int64_t warmup_steps_of(double ratio, int64_t total_steps) {
  return static_cast<int64_t>(std::ceil(ratio * static_cast<double>(total_steps)));
}

double rate_factor(const Schedule& schedule, int64_t step, int64_t total_steps) {
  const int64_t warmup = schedule.warmup_steps;
  if (step < warmup) return static_cast<double>(step) / static_cast<double>(std::max<int64_t>(1, warmup));
  const auto after_warmup = static_cast<double>(std::max<int64_t>(1, total_steps - warmup));
  switch (schedule.kind) {
    case ScheduleKind::kCosine: {
      const double progress = static_cast<double>(step - warmup) / after_warmup;
      return std::max(0.0, 0.5 * (1.0 + std::cos(std::numbers::pi * progress)));
    }
    case ScheduleKind::kLinear:
      return std::max(0.0, static_cast<double>(total_steps - step) / after_warmup);
    case ScheduleKind::kConstant:
      break;
  }
  return 1.0;
}

}  // namespace fusion
