#pragma once
// Flags of the commands that run a model.

#include <torch/types.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "pipeline/model/load_model.h"

namespace fusion::app {

struct RuntimeOptions {
  std::string device = "auto";
  std::string dtype = "auto";
  int64_t threads = 0;
};

/// --device and --threads.
void add_device_options(CLI::App& command, RuntimeOptions& options);

/// Those and --dtype.
void add_runtime_options(CLI::App& command, RuntimeOptions& options);

/// The device meant: "auto" is the first GPU where there is one. Throws Error when a GPU is asked for that is not
/// there.
torch::Device device_of(const RuntimeOptions& options);

/// Device and precision, for loading a model.
LoadOptions load_options(const RuntimeOptions& options);

/// Nothing for "auto", which is as the checkpoint stores it, and for "int8", which is about matrices alone.
std::optional<torch::ScalarType> dtype_of(const RuntimeOptions& options);

/// Applies --threads to torch.
void apply_threads(const RuntimeOptions& options);

}  // namespace fusion::app
