#include "pipeline/model/fusion_model.h"

#include <torch/types.h>

#include <cmath>
#include <utility>

#include "pipeline/connector/feature_stack.h"
#include "pipeline/connector/global_context.h"

namespace fusion {

namespace {

InstructTokens instruct_tokens(const ViewInput& input, const torch::Tensor& states, bool id_zero_is_padding) {
  const auto& ids = input.instruct_ids;
  auto present = torch::ones_like(ids, torch::kBool);
  if (input.instruct_lengths.defined()) {
    const auto place = torch::arange(ids.size(1), ids.options()).unsqueeze(0);
    present = place < input.instruct_lengths.unsqueeze(1);
  }
  auto visible = ids.ne(kInstructPadding);
  // A row without a picture has one id 0 in the place of its questions.
  if (!id_zero_is_padding) visible = visible | (present & (present.sum(1, /*keepdim=*/true) > 1));
  return {.states = states, .visible = visible, .present = present};
}

void record_sequence(const MergedSequence& sequence, int64_t query_len, const TraceScope& trace) {
  trace.record(sequence.embeds, "prep.inputs_embeds");
  trace.record(sequence.labels, "prep.labels");
  trace.record(sequence.attention_mask, "prep.attention_mask");
  trace.record(sequence.position_ids, "prep.position_ids");
  trace.record(sequence.question_positions, "prep.instruct_pos");
  trace.record(sequence.latent_positions, "prep.vision_pos");
  trace.record(torch::full({1}, query_len, torch::kInt64), "prep.query_len");
}

}  // namespace

FusionModelImpl::FusionModelImpl(FusionConfig config, const torch::TensorOptions& options)
    : LanguageModelImpl(config, options),
      config_(std::move(config)),
      // Checkpoints keep everything but the head under `model.`.
      vision_(decoder_->register_module("vision_tower", VisionTower(config_.vision, options))),
      mm_projector_(decoder_->register_module(
          "mm_projector", Projector(3 * config_.vision.hidden_size, config_.decoder.hidden_size, options))),
      aux_projector_(decoder_->register_module(
          "aux_projector", Projector(config_.decoder.hidden_size, config_.vision.hidden_size, options))) {}

ForwardOutput FusionModelImpl::forward(const PreparedInput& input, const TraceScope& trace) {
  const Reading reading = read(input, /*with_pairs=*/true, trace);
  ForwardOutput output;
  output.logits = logits_of(decode(reading, trace));  // [B, S, vocab]
  const NextTokens next = next_tokens(reading.sequence.labels);
  output.losses = compute_losses(output.logits.flatten(0, 1).index_select(0, next.positions), next.tokens,
                                 reading.pairs, config_.mapping_loss_weight);
  trace.record(output.logits, "logits");
  record(output.losses, trace);
  return output;
}

Losses FusionModelImpl::losses(const PreparedInput& input) {
  const Reading reading = read(input, /*with_pairs=*/true);
  const NextTokens next = next_tokens(reading.sequence.labels);
  const auto hidden = decode(reading, {}).flatten(0, 1).index_select(0, next.positions);  // [T, H]
  return compute_losses(logits_of(hidden), next.tokens, reading.pairs, config_.mapping_loss_weight);
}

torch::Tensor FusionModelImpl::decode(const Reading& reading, const TraceScope& trace) {
  return decoder_->forward({.embeds = reading.sequence.embeds,
                            .position_ids = reading.sequence.position_ids,
                            .context_lengths = {reading.sequence.embeds.size(1)},
                            .phase = Phase::kPrefill,
                            .latents = reading.latents.windows.defined() ? &reading.latents : nullptr},
                           trace);
}

void FusionModelImpl::set_recompute(bool recompute) {
  vision_->set_recompute(recompute);
  decoder_->set_recompute(recompute);
}

Reading FusionModelImpl::read(const PreparedInput& input, bool with_pairs, const TraceScope& trace) {
  const int64_t batch = input.pixels.size(0);
  const auto view = look_at_view({.pixels = input.pixels.select(1, 4),
                                  .instruct_ids = input.instruct_ids,
                                  .instruct_lengths = input.instruct_lengths},
                                 with_pairs, trace);  // the question looks too
  auto grid = view.image_tokens.new_empty({batch, 0, view.image_tokens.size(2)});
  if (input.query_len > 0) {
    const auto tiles = look_at_tiles(input.pixels.slice(1, 0, 4).flatten(0, 1), trace);
    grid = join_tiles(tiles.unflatten(0, {batch, 4}));  // [B, 4P, H]
    trace.record(grid, "global_grid");
  }
  Reading reading =
      put_together(input, {.image_tokens = view.image_tokens.unsqueeze(1), .grid = grid.unsqueeze(1)}, trace);
  reading.pairs = view.pairs;
  return reading;
}

Reading FusionModelImpl::put_together(const PreparedInput& input, const PictureFeatures& pictures,
                                      const TraceScope& trace) {
  const int64_t batch = pictures.grid.size(0);
  const int64_t count = pictures.grid.size(1);
  const auto side = std::llround(std::sqrt(static_cast<double>(input.query_len)));
  const int64_t window = config_.decoder.interaction.window;
  Reading reading;
  auto latents = pictures.grid.flatten(0, 1);  // [B*N, 4P, H], or nothing without latents
  if (input.query_len > 0) {
    const auto context = pool_grid(latents, side * window);  // [B*N, q*w*w, H]
    latents = pool_grid(latents, side);                      // [B*N, q, H]
    trace.record(latents, "latent_init");
    trace.record(context, "global_ctx");
    reading.latents.windows = latent_windows(context, window).unflatten(0, {batch, count});
  }
  const auto words = decoder_->embed(input.input_ids.clamp_min(0));  // [B, T, H]
  reading.sequence = substitute(
      input, {.words = words, .image = pictures.image_tokens, .latents = latents.unflatten(0, {batch, count})},
      config_.max_length);
  reading.latents.question_positions = reading.sequence.question_positions;
  reading.latents.latent_positions = reading.sequence.latent_positions;
  reading.latents.pictures = reading.sequence.latent_pictures;
  record_sequence(reading.sequence, input.query_len, trace);
  return reading;
}

torch::Tensor FusionModelImpl::look_at_tiles(const torch::Tensor& tiles, const TraceScope& trace) {
  torch::Tensor patch_embeddings;
  return project_tower(tiles, std::nullopt, patch_embeddings, trace.inside("vision.global."));
}

ViewFeatures FusionModelImpl::look_at_view(const ViewInput& input, bool with_pairs, const TraceScope& trace) {
  ViewFeatures view;
  MappingPairs& pairs = view.pairs;
  pairs.instruct_embeddings = decoder_->embed(input.instruct_ids);  // [B, I, H]
  const auto states = aux_projector_(pairs.instruct_embeddings);    // [B, I, Dv]
  const auto instruct = instruct_tokens(input, states, config_.instruct_id_zero_is_padding);
  pairs.instruct_visible = instruct.visible;
  trace.record(states, "instruct_states");

  const auto features = project_tower(input.pixels, instruct, pairs.vision_embeddings,
                                      trace.inside("vision.split."));  // [B, P + I, H]
  const int64_t patches = config_.vision.num_patches();
  const auto seen = features.narrow(1, 0, patches);
  pairs.instruct_features = features.narrow(1, patches, features.size(1) - patches);
  if (with_pairs) pairs.vision_features = aux_projector_(seen);  // [B, P, Dv]

  const auto& grid = config_.image_tokens;
  view.image_tokens = grid ? resize_tokens(seen, grid->height, grid->width) : seen;
  trace.record(pairs.instruct_embeddings, "prep.instruct_embeddings");
  trace.record(pairs.instruct_features, "prep.instruct_features");
  trace.record(pairs.instruct_visible, "prep.instruct_mask");
  trace.record(pairs.vision_embeddings, "prep.vision_embeddings");
  if (with_pairs) trace.record(pairs.vision_features, "vision_features");
  return view;
}

torch::Tensor FusionModelImpl::project_tower(const torch::Tensor& pixels, const std::optional<InstructTokens>& instruct,
                                             torch::Tensor& patch_embeddings, const TraceScope& trace) {
  FeatureStack stack(config_.vision.num_layers, config_.vision.feature_state);
  vision_->forward(pixels, instruct, [&](int64_t k, const torch::Tensor& hidden) {
    stack.add(k, hidden);
    trace.record(hidden, "hidden.", k);
  });
  patch_embeddings = stack.embeddings().narrow(1, 0, config_.vision.num_patches());
  const auto features = stack.features();          // [B, P + I, 3 Dv]
  const auto projected = mm_projector_(features);  // [B, P + I, H]
  trace.record(features, "connector");
  trace.record(projected, "projected");
  return projected;
}

}  // namespace fusion
