#pragma once
// torch's own implementations of the collectives. Inside of this folder only.

#include <chrono>

#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>

#include "workflows/training/communication/process_place.h"

namespace fusion {

/// Over TCP, for tensors on the CPU. Null in a build without it.
c10::intrusive_ptr<c10d::Backend> gloo_backend(const c10::intrusive_ptr<c10d::Store>& store, const ProcessPlace& place,
                                               std::chrono::milliseconds timeout);

/// For tensors on GPUs. Null in a build without it.
c10::intrusive_ptr<c10d::Backend> nccl_backend(const c10::intrusive_ptr<c10d::Store>& store, const ProcessPlace& place,
                                               std::chrono::milliseconds timeout);

}  // namespace fusion
