#pragma once
// Joining the other processes of a run.

#include <chrono>
#include <memory>

#include "workflows/training/communication/communicator.h"

namespace fusion {

struct ConnectOptions {
  /// How long to wait for the others to come.
  std::chrono::seconds connect_timeout{300};
  /// How long to wait for them in a collective: longer than one process may be busy alone, say with a checkpoint.
  std::chrono::seconds timeout{1800};
  /// Where the tensors of the collectives lie: the CPU (Gloo) or a GPU (NCCL).
  torch::Device device = torch::kCPU;
};

/// Whether this build can join others on such a device.
bool can_connect(torch::DeviceType device);

/// The device of this process: a GPU without a number becomes the one of its local rank.
torch::Device device_of_process(torch::Device device);

/// Waits for all processes that process_place() speaks of, and tries one collective; single_process() where there is
/// only this one. Throws Error where the variables make no sense, the master does not answer in time, or this build
/// knows no way to connect.
std::unique_ptr<Communicator> connect_processes(const ConnectOptions& options);

}  // namespace fusion
