#include "workflows/training/plan/batch_shape.h"

#include <algorithm>
#include <numeric>
#include <string_view>

namespace fusion {

double PlannedTensor::elements() const {
  return std::accumulate(shape.begin(), shape.end(), 1.0,
                         [](double product, int64_t size) { return product * static_cast<double>(size); });
}

TrainedParts trained_parts(const std::vector<PlannedTensor>& tensors) {
  const auto any = [&tensors](std::string_view prefix) {
    return std::ranges::any_of(
        tensors, [prefix](const PlannedTensor& tensor) { return tensor.trained && tensor.name.starts_with(prefix); });
  };
  return {.tower = any("model.vision_tower."),
          .mm_projector = any("model.mm_projector."),
          .aux_projector = any("model.aux_projector."),
          .embeddings = any("model.embed_tokens."),
          .decoder = any("model.layers.") || any("model.norm."),
          .interaction = any("model.vision_sampler_layers."),
          .head = any("lm_head.")};
}

}  // namespace fusion
