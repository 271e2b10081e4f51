#include "pipeline/model/language_model.h"

#include <torch/types.h>

#include "foundation/nn/precision.h"

namespace fusion {

LanguageModelImpl::LanguageModelImpl(const LanguageConfig& config, const torch::TensorOptions& options)
    : decoder_(register_module("model", Decoder(config.decoder, options))), language_config_(config) {
  if (!config.decoder.tie_word_embeddings) {
    lm_head_ = register_module("lm_head",
                               Linear(config.decoder.hidden_size, config.decoder.vocab_size, /*bias=*/false, options));
  }
}

torch::Tensor LanguageModelImpl::logits_of(const torch::Tensor& hidden) {
  const auto logits = lm_head_ ? lm_head_(hidden) : torch::linear(hidden, decoder_->embedding_weight());
  return at_least_float32(logits);
}

}  // namespace fusion
