#pragma once
// `fusion train --dry-run`: what a run will be and cost, before anything of it is loaded.

#include <c10/core/Device.h>

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "workflows/training/loop/train_config.h"

namespace fusion::app {

struct PlanFlags {
  bool dry_run = false;
  std::optional<std::string> model;
  int64_t world_size = 1;
  std::string gpu;  ///< "": this machine's device
  std::optional<uint64_t> device_memory;
  std::optional<double> device_flops;
  double utilisation = 0.4;
  std::optional<int64_t> records;
  std::optional<int64_t> mean_length;
  bool json = false;
};

/// --dry-run, and what only goes with it.
void add_plan_flags(CLI::App& train, PlanFlags& flags);

/// Prints the plan. Throws Error where the run cannot fit, after printing.
/// \param here  the device that the run would have on this machine
void show_plan(const TrainConfig& config, const PlanFlags& flags, c10::Device here);

}  // namespace fusion::app
