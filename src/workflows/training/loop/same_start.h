#pragma once
// Whether all processes of a run are about to do the same.

#include <cstdint>
#include <map>
#include <string>

#include "foundation/checkpoint/checkpoint.h"
#include "workflows/training/communication/communicator.h"
#include "workflows/training/loop/run_checkpoint.h"

namespace fusion {

/// Names the weights of a checkpoint by names, shapes and samples of the values.
uint64_t weights_fingerprint(const Checkpoint& checkpoint);

/// Of the files beside the weights that decide what is computed, by name: config.json, vision_config.json and those of
/// the tokenizer, as far as they are there. How the configs are laid out does not matter.
std::map<std::string, uint64_t> model_file_fingerprints(const std::string& folder);

/// Throws Error, in every process, where one has other settings or data, or sees other checkpoints (no shared file
/// system, or one that lags behind).
/// \param resume_step  of the checkpoint that this process would go on from
void require_same_start(const RunPosition& position, int64_t resume_step, torch::Device device,
                        Communicator& communicator);

}  // namespace fusion
