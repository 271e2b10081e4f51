#include "pipeline/model/losses.h"

#include <algorithm>

#include "foundation/nn/precision.h"
#include "pipeline/model/prepared_input.h"

namespace fusion {

namespace {

/// Mean of 1 - cos(a, b) over rows [n, D].
torch::Tensor mapping_loss(const torch::Tensor& a, const torch::Tensor& b) {
  const auto unit = [](const torch::Tensor& x) {
    const auto wide = at_least_float32(x);
    return wide / wide.norm(2, {-1}, /*keepdim=*/true).clamp_min(1e-12);
  };
  const auto towards = torch::ones({a.size(0)}, a.options());
  return torch::cosine_embedding_loss(unit(a), unit(b), towards);
}

}  // namespace

NextTokens next_tokens(const torch::Tensor& labels) {
  const int64_t length = labels.size(1);
  const auto followed = labels.narrow(1, 1, length - 1);   // [B, S - 1] what each position but the last predicts
  const auto place = followed.ne(kIgnoreLabel).nonzero();  // [T, 2]
  return {.positions = place.select(1, 0) * length + place.select(1, 1),
          .tokens = followed.masked_select(followed.ne(kIgnoreLabel))};
}

Losses compute_losses(const torch::Tensor& logits, const torch::Tensor& tokens, const MappingPairs& pairs,
                      double mapping_weight) {
  Losses losses;
  const int64_t count = std::max<int64_t>(tokens.size(0), 1);
  losses.ce = at::cross_entropy_loss(at_least_float32(logits), tokens, {}, at::Reduction::Sum) / count;
  losses.cos_vision = mapping_loss(pairs.vision_embeddings.flatten(0, 1), pairs.vision_features.flatten(0, 1));
  auto mapping = losses.cos_vision;

  const auto counted = pairs.instruct_visible.flatten().nonzero().squeeze(1);
  if (counted.size(0) > 0) {
    losses.cos_instruct = mapping_loss(pairs.instruct_embeddings.flatten(0, 1).index_select(0, counted),
                                       pairs.instruct_features.flatten(0, 1).index_select(0, counted));
    mapping = losses.cos_instruct + mapping;
  }
  losses.total = losses.ce + mapping_weight * mapping;
  return losses;
}

void record(const Losses& losses, const TraceScope& trace) {
  trace.record(losses.ce.reshape(1), "loss.ce");
  if (losses.cos_instruct.defined()) trace.record(losses.cos_instruct.reshape(1), "loss.cos_instruct");
  trace.record(losses.cos_vision.reshape(1), "loss.cos_vision");
  trace.record(losses.total.reshape(1), "loss.total");
}

}  // namespace fusion
