#pragma once
// What the pictures of a request look like to the model. What does not change is computed once: the tiles' features
// depend on the picture alone, the view's on the picture and the question.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "pipeline/generation/feature_cache.h"
#include "pipeline/model/fusion_model.h"
#include "pipeline/preprocess/picture.h"

namespace fusion {

/// One picture as the model sees it.
struct SeenPicture {
  torch::Tensor image_tokens;  ///< [V, H]
  torch::Tensor grid;          ///< [4P, H]; [0, H] for a model without latent tokens
};

/// The pictures of a request, in their order.
struct SeenPictures {
  std::vector<SeenPicture> pictures;
  int64_t encoded_tiles = 0;  ///< tiles that went through the tower; the others were known
};

/// Safe for several threads.
class PictureEncoder {
 public:
  /// \param cache_bytes  what may be kept of earlier pictures
  PictureEncoder(std::shared_ptr<FusionModelImpl> model, uint64_t cache_bytes);

  /// Encodes tile by tile, so that the result does not depend on what was known already. A picture that is shown twice
  /// is encoded once.
  /// \param instruct_ids  tokens of all questions so far
  /// \param before_tile   hears of the tiles done and of all there are to do; what it throws ends the call
  SeenPictures look(std::span<const Picture* const> pictures, const std::vector<int64_t>& instruct_ids,
                    const std::function<void(int64_t done, int64_t total)>& before_tile) const;

  /// What a request without a picture shows to the interaction layers: the features of a picture of zeros. It has no
  /// image tokens that count.
  SeenPictures look_at_nothing(const std::function<void(int64_t done, int64_t total)>& before_tile) const;

 private:
  struct Job;
  Job plan(const Picture& picture, const std::vector<int64_t>& instruct_ids) const;
  torch::Tensor no_grid() const;
  torch::Tensor pixels_of(const Picture& picture) const;

  std::shared_ptr<FusionModelImpl> model_;
  mutable FeatureCache cache_;
  uint64_t hash_seed_;
};

}  // namespace fusion
