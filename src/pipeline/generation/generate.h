#pragma once
// From prompts that are ready to be read to answers, token by token.

#include <functional>
#include <span>
#include <vector>

#include "foundation/nn/trace.h"
#include "pipeline/generation/progress.h"
#include "pipeline/generation/sampler.h"
#include "pipeline/model/reading.h"

namespace fusion {

/// When an answer ends, and how its tokens are chosen.
struct GenerationOptions {
  int64_t max_new_tokens = 512;
  int64_t max_context = 0;  ///< positions of prompt and answer together; 0: as many as the model was made for
  SamplingOptions sampling = {};
  int64_t vocabulary = 0;                    ///< only ids below it are chosen; 0: any row of the embedding table
  std::vector<int64_t> stop_token_ids = {};  ///< end an answer, beside the checkpoint's own end tokens
};

enum class StopReason {
  kEndToken,    ///< the model ended its answer
  kStopText,    ///< the answer came to one of the texts that end it
  kTokenLimit,  ///< max_new_tokens, or the end of the context
  kCancelled,   ///< the caller asked for it
};

/// "end", "stop", "length" or "cancelled".
const char* stop_name(StopReason reason);

/// What a caller hears while answers are made. Every part may be left empty.
struct GenerationListener {
  ProgressObserver on_progress = {};
  std::function<bool(size_t row, int64_t id)> on_token = {};  ///< each new token but the end token; false ends the row
  std::function<bool()> cancelled = {};                       ///< asked between layers and tokens; true ends all rows
};

struct GenerationResult {
  std::vector<int64_t> ids = {};  ///< new tokens, the end token included
  StopReason stop_reason = StopReason::kTokenLimit;
  int64_t prompt_length = 0;  ///< positions of the prompt after substitution
};

/// Positions of prompt and answer together.
int64_t context_limit(const LanguageConfig& config, const GenerationOptions& options);

/// Throws Error where a prompt of `length` positions is longer than the model's may be or leaves no room for an answer.
void require_room(int64_t length, const LanguageConfig& config, const GenerationOptions& options);

/// Answers a batch of prompts. Interaction layers run in the prefill and never after it. The long rope's regime is
/// chosen for each row's prompt + max_new_tokens together. A row that has ended leaves the batch. Nothing of the
/// request stays on the model, so that several threads may call this on one model.
///
/// Throws Error, before any work, when a prompt alone fills the context, and where the memory for keys and values is
/// not there.
/// \param rows   one for each row of `reading`
/// \param trace  records "gen.instruct_pos", "gen.vision_pos", and of the first row "gen.logits" [1, steps, vocab] and
///               "gen.output_ids" [1, steps]
std::vector<GenerationResult> generate(LanguageModelImpl& model, const Reading& reading,
                                       std::span<const GenerationOptions> rows, const GenerationListener& listener = {},
                                       const TraceScope& trace = {});

}  // namespace fusion
