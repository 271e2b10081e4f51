#pragma once
// First embeddings for a vision tower that begins from nothing, made for the pictures that it will see.
//
// Of random filters nearly all that comes out is a patch's mean color, and every step of AdamW adds to that, for
// all weights of a filter are pushed alike: shapes drown in it (docs/nano.md has what was measured).

#include <torch/types.h>

#include <cstdint>
#include <functional>

#include "pipeline/vision/vision_config.h"
#include "workflows/datasets/mixture.h"

namespace fusion {

/// Mean and covariance of the patches of some pictures, as the patch convolution sees them. A patch is its channels,
/// each row by row: d = channels * patch_size * patch_size values.
struct PatchStatistics {
  torch::Tensor mean;        ///< float64 [d]
  torch::Tensor covariance;  ///< float64 [d, d]
  int64_t pictures = 0;      ///< that were read
  int64_t records = 0;       ///< that were looked at
};

/// Of up to 600 pictures, spread evenly over the mixture; of each of their tiles up to 64 patches, drawn by the seed.
/// Broken records and pictures are passed over; throws Error where no record has a picture that can be read, and where
/// all patches are alike.
/// \param on_progress  hears how many records are done
PatchStatistics patch_statistics(const Mixture& mixture, const VisionConfig& config, uint64_t seed,
                                 const std::function<void(uint64_t done, uint64_t total)>& on_progress = {});

/// A convolution whose outputs are uncorrelated over such patches, each direction of them weighing about alike: random
/// mixtures of the first principal components over their standard deviations. Those that are under a ten-thousandth of
/// the total variance, which would be noise, are damped. (Coates and Ng, "The importance of encoding versus training
/// with sparse coding and vector quantization", 2011, section 3.1; for a first layer: tysam-code's hlb-CIFAR10, 2022)
struct WhiteningFilters {
  torch::Tensor weight;  ///< float32 [width, d]
  torch::Tensor bias;    ///< float32 [width]
};
WhiteningFilters whitening_filters(const PatchStatistics& statistics, int64_t width, uint64_t seed);

/// float32 [side * side, width]: waves of 1/4 to width / 32 periods to a side in both directions (as many as fit into
/// `width`, a quarter of it at least for each), mixed at random; their standard deviation is 1/2, near that of whitened
/// patches. Places of one row or column are alike. Of a single place they are 0.
torch::Tensor wave_positions(int64_t side, int64_t width, uint64_t seed);

}  // namespace fusion
