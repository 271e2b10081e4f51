#pragma once
// From a checkpoint folder to a model.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "foundation/checkpoint/checkpoint.h"
#include "foundation/checkpoint/tensor_table.h"
#include "pipeline/model/fusion_model.h"

namespace fusion {

struct LoadOptions {
  torch::Device device = torch::kCPU;
  std::optional<torch::ScalarType> dtype = {};  ///< nothing: as stored, the same for all
  std::optional<TokenGrid> image_tokens = {};   ///< FUSION-L's setting for any checkpoint; nothing: the checkpoint's
  bool int8 = false;         ///< matrices as 8-bit integers (Linear::quantise), the rest as `dtype` says
  std::string adapter = {};  ///< folder of a LoRA adapter (adapter.h) for load_model; empty: none
};

/// Names and shapes of everything `module` registers.
std::vector<TensorSpec> tensor_table(const torch::nn::Module& module);

/// Gives every parameter of `module` the stored values. On the CPU, where the dtype fits, the parameter is the mapped
/// file itself: nothing is copied, and a change stays private to the process.
/// Throws one Error that lists all missing, unexpected and mis-shaped tensors; an Error also on weights that are no
/// floats, and on different precisions unless `options` chooses one.
void load_parameters(torch::nn::Module& module, const Checkpoint& checkpoint, const LoadOptions& options);

/// Makes the vocabulary as large as the stored embedding table, whatever config.json says.
void use_stored_vocabulary(LanguageConfig& config, const Checkpoint& checkpoint);

/// Reads config.json and its companions, and the weights, with use_stored_vocabulary. Gradients are off.
FusionModel load_fusion_model(const std::string& folder, const LoadOptions& options);

/// A model of either kind.
struct LoadedModel {
  std::shared_ptr<LanguageModelImpl> language;
  std::shared_ptr<FusionModelImpl> fusion;   ///< the same object, or null: a plain Phi-3 or LLaMA checkpoint
  std::shared_ptr<const Checkpoint> mapped;  ///< the files that parameters are mapped from; null: all are copies

  /// Throws Error where another program has written into the mapped weights.
  void require_unchanged() const {
    if (mapped) mapped->require_unchanged();
  }
};

/// Loads a FUSION checkpoint, or a plain language model in Hugging Face form (model_type "phi3" or "llama"), which
/// answers text only. Throws Error as load_adapter does.
LoadedModel load_model(const std::string& folder, const LoadOptions& options);

/// Throws Error, which names the folder, where the tokenizer there does not have one token for each row of the
/// embedding table.
/// \param may_be_padded  published language models may have rows behind the last token that no training touched
void require_vocabulary(const std::string& folder, int64_t tokens, int64_t rows, bool may_be_padded);

}  // namespace fusion
