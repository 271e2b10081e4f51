#pragma once
// How the learning rate changes over a run.

#include <cstdint>

namespace fusion {

enum class ScheduleKind { kCosine, kLinear, kConstant };

struct Schedule {
  ScheduleKind kind = ScheduleKind::kCosine;
  int64_t warmup_steps = 0;  ///< steps over which the rate rises linearly from 0
};

/// The warm-up of a share of the run, rounded up.
int64_t warmup_steps_of(double ratio, int64_t total_steps);

/// What step `step` (from 0) of `total_steps` multiplies the learning rate with: rising over the warm-up, then falling
/// to 0 as half a cosine wave or a line, or staying 1. Equal to transformers' get_cosine_schedule_with_warmup,
/// get_linear_schedule_with_warmup and get_constant_schedule_with_warmup.
double rate_factor(const Schedule& schedule, int64_t step, int64_t total_steps);

}  // namespace fusion
