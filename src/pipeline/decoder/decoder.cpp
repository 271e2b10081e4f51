#include "pipeline/decoder/decoder.h"

#include <torch/types.h>

#include <utility>

#include "foundation/core/text.h"
#include "foundation/nn/parameter.h"
#include "foundation/nn/recompute.h"

namespace fusion {

DecoderImpl::DecoderImpl(DecoderConfig config, const torch::TensorOptions& options) : config_(std::move(config)) {
  embedding_ = register_module("embed_tokens", std::make_shared<torch::nn::Module>())
                   ->register_parameter("weight", blank_parameter({config_.vocab_size, config_.hidden_size}, options));
  layers_ = register_module("layers", torch::nn::ModuleList());
  for (int64_t i = 0; i < config_.num_layers; ++i) layers_->push_back(DecoderLayer(config_, options));
  norm_ = register_module("norm", RmsNorm(config_.hidden_size, config_.rms_norm_eps, options));

  const auto samplers = register_module("vision_sampler_layers", torch::nn::ModuleList());
  for (int64_t i = 0; i < config_.interaction.count; ++i) {
    InteractionLayer layer(config_.hidden_size, config_.interaction.heads, options);
    const auto sampler = std::make_shared<torch::nn::Module>();
    sampler->register_module("layers", torch::nn::ModuleList(layer.ptr()));
    samplers->push_back(sampler);
    interactions_.push_back(layer);
  }
}

torch::Tensor DecoderImpl::embed(const torch::Tensor& ids) const {
  return torch::embedding(embedding_, ids, config_.pad_token_id);
}

torch::Tensor DecoderImpl::forward(const DecoderInput& input, const TraceScope& trace) {
  const auto angles =
      rotary_angles(config_.rope, input.position_ids, input.context_lengths, input.embeds.scalar_type());
  const bool looks_back = input.phase == Phase::kPrefill && input.latents != nullptr;
  const InteractionConfig& interaction = config_.interaction;

  const auto visible = input.cache != nullptr && input.embeds.size(1) == 1 ? input.cache->visible() : std::nullopt;

  auto x = input.embeds;  // [B, S, H]
  for (int64_t i = 0; i < config_.num_layers; ++i) {
    x = run_layer(i, x, angles, {input.cache, i, visible});
    if (input.after_layer) input.after_layer(i, x);
    trace.record(x, "llm.layer.", i);

    const int64_t past_start = i - interaction.start;
    if (!looks_back || past_start < 0 || past_start % interaction.stride != 0) continue;
    const int64_t j = past_start / interaction.stride;
    if (j >= interaction.count) continue;
    x = run_interaction(j, x, *input.latents, trace.inside(cat("interaction.", j, ".")));
  }
  if (input.cache != nullptr) input.cache->advance(input.embeds.size(1));

  x = norm_->forward(x);
  trace.record(x, "llm.norm");
  return x;
}

torch::Tensor DecoderImpl::run_layer(int64_t i, const torch::Tensor& x, const RotaryAngles& angles,
                                     const CacheSlot& slot) {
  const auto layer = layers_[i];
  const Block block = [layer, angles, slot](const std::vector<torch::Tensor>& in) {
    return layer->as<DecoderLayerImpl>()->forward(in[0], angles, slot);
  };
  return recompute_ && slot.cache == nullptr ? recomputed(*layer, block, {x}) : block({x});
}

torch::Tensor DecoderImpl::run_interaction(int64_t j, const torch::Tensor& x, const LatentContext& latents,
                                           const TraceScope& trace) {
  auto layer = interactions_[j];
  const Block block = [layer, context = latents, trace](const std::vector<torch::Tensor>& in) mutable {
    context.windows = in[1];
    return layer->forward(in[0], context, trace);
  };
  return recompute_ ? recomputed(*layer, block, {x, latents.windows}) : block({x, latents.windows});
}

}  // namespace fusion
