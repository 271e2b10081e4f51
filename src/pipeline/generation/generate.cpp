#include "pipeline/generation/generate.h"

#include <torch/types.h>

#include <algorithm>

#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

bool contains(const std::vector<int64_t>& ids, int64_t id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

/// Positions that the model was made for.
int64_t context_limit(const FusionConfig& config) {
  return config.decoder.rope.max_positions;
}

KvCache cache_for(FusionModel& model, int64_t capacity) {
  const DecoderConfig& config = model->config().decoder;
  return KvCache(config.num_layers, {1, config.num_kv_heads, capacity, config.head_dim}, model->options());
}

/// Before anything is computed: an overlong question would cost the tower hours.
void require_room(const FusionConfig& config, const PreparedInput& prompt, const GenerationOptions& options) {
  const int64_t length = uncut_length(prompt, config.num_image_tokens());
  const int64_t kept = options.refuse_cut_prompt ? length : std::min(length, config.max_length);
  const int64_t most = std::min(config.max_length, context_limit(config) - 1);
  if (kept <= most) return;
  throw Error({.who = "the prompt",
               .expected = cat("at most ", most, " positions"),
               .got = cat(length),
               .cause = "the question, with the picture's tokens, is too long for this model",
               .hint = "shorten the question, or use fewer latent tokens (--detail)"});
}

}  // namespace

GenerationResult generate(FusionModel& model, const PreparedInput& prompt, const GenerationOptions& options,
                          const GenerationListener& listener, const TraceScope& trace) {
  const torch::NoGradGuard no_grad;
  const auto enter = [&](GenerationStage stage) {
    if (listener.on_stage) listener.on_stage(stage);
  };
  const FusionConfig& config = model->config();
  if (prompt.input_ids.size(0) != 1) {
    throw Error({.who = "generate", .expected = "one prompt", .got = cat(prompt.input_ids.size(0))});
  }
  require_room(config, prompt, options);

  enter(GenerationStage::kLooking);
  const Reading reading = model->read(prompt, /*with_pairs=*/false);
  trace.record(reading.sequence.question_positions, "gen.instruct_pos");
  trace.record(reading.sequence.latent_positions, "gen.vision_pos");

  GenerationResult result;
  result.prompt_length = reading.sequence.embeds.size(1);
  const int64_t budget = std::clamp<int64_t>(options.max_new_tokens, 0, context_limit(config) - result.prompt_length);
  const int64_t context_length = result.prompt_length + budget;
  KvCache cache = cache_for(model, context_length);
  Sampler sampler(options.sampling);
  std::vector<torch::Tensor> steps;  // logits of every step, kept only for a trace

  enter(GenerationStage::kReading);
  auto hidden = model->decoder()->forward({.embeds = reading.sequence.embeds,
                                           .position_ids = reading.sequence.position_ids,
                                           .context_length = context_length,
                                           .phase = Phase::kPrefill,
                                           .latents = &reading.latents,
                                           .cache = &cache},
                                          {});  // [1, S, H]
  enter(GenerationStage::kAnswering);
  while (static_cast<int64_t>(result.ids.size()) < budget) {
    const auto last = hidden.slice(1, hidden.size(1) - 1);                              // [1, 1, H]
    const auto logits = model->logits_of(last).flatten().to(torch::kCPU).contiguous();  // [vocab]
    if (trace.active()) steps.push_back(logits);
    const int64_t id = sampler.sample({logits.const_data_ptr<float>(), static_cast<size_t>(logits.size(0))});
    result.ids.push_back(id);
    const bool ended = contains(config.eos_token_ids, id) || contains(options.stop_token_ids, id);
    if (ended) result.stop_reason = StopReason::kEndToken;
    const bool cancelled = !ended && listener.on_token && !listener.on_token(id);
    if (cancelled) result.stop_reason = StopReason::kCancelled;
    if (ended || cancelled || static_cast<int64_t>(result.ids.size()) == budget) break;

    const auto index = torch::TensorOptions().dtype(torch::kInt64).device(model->options().device());
    hidden = model->decoder()->forward({.embeds = model->decoder()->embed(torch::full({1, 1}, id, index)),
                                        .position_ids = torch::full({1, 1}, cache.length(), index),
                                        .context_length = context_length,
                                        .phase = Phase::kDecode,
                                        .cache = &cache},
                                       {});
  }
  if (trace.active() && !steps.empty()) {
    trace.record(torch::stack(steps).unsqueeze(0), "gen.logits");
    trace.record(torch::tensor(result.ids, torch::kInt64).unsqueeze(0), "gen.output_ids");
  }
  return result;
}

}  // namespace fusion
