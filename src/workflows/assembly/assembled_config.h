#pragma once
// The config files of a checkpoint that is put together from two others.

#include <cstdint>
#include <string>

#include "workflows/assembly/assemble_checkpoint.h"
#include "workflows/assembly/source_folder.h"

namespace fusion {

/// What the weights will be like.
struct WeightForm {
  int64_t rows = 0;  ///< of the embedding table
  std::string dtype = {};
};

/// config.json: that of the language model with FUSION's keys; vision_config.json where the tower's name does not imply
/// its sizes; generation_config.json as it was. A tower of the published sizes gets its hub name, because the reference
/// picks its class and sizes by that name; another one keeps its own, which says "siglip" in any case.
///
/// Throws Error on options outside their range and on ones that do not fit the language model.
ConfigFiles assembled_config(const VisionSource& vision, const LanguageSource& language, const WeightForm& form,
                             const AssembleOptions& options);

}  // namespace fusion
