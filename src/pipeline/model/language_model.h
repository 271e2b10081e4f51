#pragma once
// A decoder with its head: all of a plain Phi-3 or LLaMA checkpoint, and the language half of a FUSION one.

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include "foundation/nn/linear.h"
#include "pipeline/decoder/decoder.h"
#include "pipeline/model/language_config.h"

namespace fusion {

/// Registered names: model (the decoder), lm_head unless the head shares the embedding table.
class LanguageModelImpl : public torch::nn::Module {
 public:
  explicit LanguageModelImpl(const LanguageConfig& config, const torch::TensorOptions& options = {});

  /// Final hidden states [.., H] -> logits [.., vocab], float32.
  torch::Tensor logits_of(const torch::Tensor& hidden);

  Decoder& decoder() { return decoder_; }
  const LanguageConfig& language_config() const { return language_config_; }
  /// Where the parameters are and in which dtype.
  torch::TensorOptions options() const { return decoder_->embedding_weight().options(); }

 protected:
  Decoder decoder_;

 private:
  LanguageConfig language_config_;
  Linear lm_head_{nullptr};
};
TORCH_MODULE(LanguageModel);

}  // namespace fusion
