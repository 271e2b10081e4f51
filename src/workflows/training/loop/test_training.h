#pragma once
// For tests only: training in this process, stopping, and what it computed.

#include <gtest/gtest.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "foundation/core/text.h"
#include "workflows/training/loop/test_run.h"
#include "workflows/training/loop/trainer.h"

namespace fusion {

inline TrainEnd train(const TrainConfig& config, TrainListener listener = {}) {
  const auto communicator = single_process();
  return Trainer(config, torch::kCPU, *communicator, std::move(listener)).run();
}

/// Trains until `steps` are done, then stops as a user would.
inline void train_until(const TrainConfig& config, int64_t steps) {
  int64_t done = 0;
  TrainListener listener;
  listener.on_step = [&done](const StepMetrics& metrics, int64_t) { done = metrics.step; };
  listener.stop_requested = [&done, steps] { return done + 1 >= steps; };
  EXPECT_EQ(train(config, listener), TrainEnd::kStopped);
}

inline std::vector<StepMetrics> steps_of(const TrainConfig& config) {
  return read_steps(cat(config.output, "/", kMetricsFile));
}

inline std::vector<ValidationMetrics> validations_of(const TrainConfig& config) {
  return read_validations(cat(config.output, "/", kMetricsFile));
}

/// Adapters on the decoder's layers, with dropout and recomputed activations.
inline void add_lora(nlohmann::json& config) {
  config["lora"] = {{"rank", 4},
                    {"alpha", 8},
                    {"dropout", 0.1},
                    {"targets", {"model.layers.*"}},
                    {"also_train", {"model.*_projector.*"}}};
  config["optimizer"]["learning_rate"] = 5e-3;
  config["activation_checkpointing"] = true;
}

}  // namespace fusion
