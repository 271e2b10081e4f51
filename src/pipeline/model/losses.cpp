#include "pipeline/model/losses.h"

#include "pipeline/model/prepared_input.h"

namespace fusion {

namespace {

torch::Tensor next_token_loss(const torch::Tensor& logits, const torch::Tensor& labels) {
  const int64_t steps = labels.size(1) - 1;
  const auto predicted = logits.narrow(1, 0, steps).flatten(0, 1).to(torch::kFloat32);
  const auto targets = labels.narrow(1, 1, steps).flatten();
  const auto sum = at::cross_entropy_loss(predicted, targets, {}, at::Reduction::Sum, kIgnoreLabel);
  return sum / targets.ne(kIgnoreLabel).sum().clamp_min(1);
}

/// Mean of 1 - cos(a, b) over rows [n, D].
torch::Tensor mapping_loss(const torch::Tensor& a, const torch::Tensor& b) {
  const auto unit = [](const torch::Tensor& x) {
    const auto wide = x.to(torch::kFloat32);
    return wide / wide.norm(2, {-1}, /*keepdim=*/true).clamp_min(1e-12);
  };
  const auto towards = torch::ones({a.size(0)}, a.options().dtype(torch::kFloat32));
  return torch::cosine_embedding_loss(unit(a), unit(b), towards);
}

}  // namespace

Losses compute_losses(const torch::Tensor& logits, const torch::Tensor& labels, const MappingPairs& pairs,
                      double mapping_weight) {
  Losses losses;
  losses.ce = next_token_loss(logits, labels);
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
