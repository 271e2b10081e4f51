#pragma once
// The language model: Phi-3 or LLaMA by config, with FUSION's interaction layers between its layers.

#include <torch/nn/module.h>
#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/pimpl.h>

#include <functional>
#include <vector>

#include "foundation/nn/norm.h"
#include "foundation/nn/trace.h"
#include "pipeline/decoder/decoder_config.h"
#include "pipeline/decoder/decoder_layer.h"
#include "pipeline/decoder/interaction.h"
#include "pipeline/decoder/kv_cache.h"

namespace fusion {

/// What the decoder is doing. It is said, never guessed from a length: interaction layers run in the prefill only,
/// however long a later chunk may be.
enum class Phase { kPrefill, kDecode };

/// One call of the decoder.
struct DecoderInput {
  torch::Tensor embeds;        ///< [B, S, H]
  torch::Tensor position_ids;  ///< [B, S] int64
  /// Positions the requests may grow to, one for each row or one for all; they choose the long rope's regime.
  std::vector<int64_t> context_lengths;
  Phase phase = Phase::kPrefill;
  const LatentContext* latents = nullptr;  ///< none: nothing to look at (plain text through a plain decoder)
  KvCache* cache = nullptr;                ///< none: the whole sequence is in `embeds`
  /// Hears of each layer done, with its output [B, S, H]; what it throws ends the call.
  std::function<void(int64_t layer, const torch::Tensor& hidden)> after_layer = {};
};

/// Registered names: embed_tokens, layers.N, norm, vision_sampler_layers.N.
class DecoderImpl : public torch::nn::Module {
 public:
  DecoderImpl(DecoderConfig config, const torch::TensorOptions& options);

  /// ids [..] int64 -> [.., H]. The row of the pad token gets no gradient.
  torch::Tensor embed(const torch::Tensor& ids) const;

  /// \return [B, S, H] after the final norm.
  torch::Tensor forward(const DecoderInput& input, const TraceScope& trace);

  /// See FusionModelImpl::set_recompute. Calls with a cache are as before.
  void set_recompute(bool recompute) { recompute_ = recompute; }

  /// The embedding table [vocab, H], which the head shares when embeddings are tied.
  const torch::Tensor& embedding_weight() const { return embedding_; }

  const DecoderConfig& config() const { return config_; }

 private:
  torch::Tensor run_layer(int64_t i, const torch::Tensor& x, const RotaryAngles& angles, const CacheSlot& slot);
  torch::Tensor run_interaction(int64_t j, const torch::Tensor& x, const LatentContext& latents,
                                const TraceScope& trace);

  DecoderConfig config_;
  bool recompute_ = false;
  torch::Tensor embedding_;
  torch::nn::ModuleList layers_;
  std::vector<InteractionLayer> interactions_;
  RmsNorm norm_{nullptr};
};
TORCH_MODULE(Decoder);

}  // namespace fusion
