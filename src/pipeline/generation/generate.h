#pragma once
// From a prepared prompt to an answer, token by token.

#include <functional>
#include <string>
#include <vector>

#include "foundation/nn/trace.h"
#include "pipeline/generation/sampler.h"
#include "pipeline/model/fusion_model.h"

namespace fusion {

/// When an answer ends, and how its tokens are chosen.
struct GenerationOptions {
  int64_t max_new_tokens = 512;
  SamplingOptions sampling = {};
  std::vector<int64_t> stop_token_ids = {};  ///< end an answer, beside the checkpoint's own end tokens
  /// A prompt past the model's max_length loses its end. True: that is an Error; false: go on, as the reference does.
  bool refuse_cut_prompt = true;
};

enum class StopReason {
  kEndToken,    ///< the model ended its answer
  kTokenLimit,  ///< max_new_tokens, or the end of the context
  kCancelled,   ///< the listener asked for it
};

/// Where a request is.
enum class GenerationStage { kLooking, kReading, kAnswering };

/// What a caller hears while an answer is made. Every part may be left empty.
struct GenerationListener {
  std::function<void(GenerationStage)> on_stage = {};
  std::function<bool(int64_t id)> on_token = {};  ///< each new token but the end token; false cancels
};

struct GenerationResult {
  std::vector<int64_t> ids;  ///< new tokens, the end token included
  StopReason stop_reason = StopReason::kTokenLimit;
  int64_t prompt_length = 0;  ///< positions of the prompt after substitution
};

/// Answers one prompt (a batch of one row). Interaction layers run in the prefill and never after it. The long rope's
/// regime is chosen for prompt + max_new_tokens together. Nothing of the request stays on the model.
///
/// Throws Error, before any work, when the prompt alone fills the context or would be cut (see refuse_cut_prompt), and
/// on a batch of several.
/// \param trace  records "gen.instruct_pos", "gen.vision_pos", "gen.logits" [1, steps, vocab] and "gen.output_ids"
GenerationResult generate(FusionModel& model, const PreparedInput& prompt, const GenerationOptions& options,
                          const GenerationListener& listener = {}, const TraceScope& trace = {});

}  // namespace fusion
