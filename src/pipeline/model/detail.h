#pragma once
// How closely the picture is looked at: the number of latent tokens of a request.

#include <string>

#include "pipeline/model/fusion_config.h"

namespace fusion {

/// The latent count that `detail` names: "fast" (16), "balanced" (64), "best" (144), a square number itself ("36"), or
/// "" for the checkpoint's default: 64 if it was trained with it, else the largest it was trained with. The reference
/// draws the count at random even at inference; here it is fixed, so that answers repeat. 0 for a model without
/// latents. Throws Error on anything else.
int64_t latent_count(const FusionConfig& config, const std::string& detail);

/// Throws Error where `detail` is nothing that latent_count() takes, or "".
void require_detail(const std::string& detail);

}  // namespace fusion
