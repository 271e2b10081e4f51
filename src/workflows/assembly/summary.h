#pragma once
// What a model is made of and what it costs, found out without its weights.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/model/fusion_config.h"
#include "pipeline/model/presets.h"
#include "pipeline/preprocess/tokenizer.h"

namespace fusion {

/// A part of the model.
struct BlockSummary {
  std::string name = {};  ///< "vision tower", "mm_projector", ...
  size_t tensors = 0;
  uint64_t parameters = 0;
  uint64_t linear = 0;  ///< those in the matrices of linear layers, which can be quantised
};

/// The tokenizer files beside the model.
struct TokenizerSummary {
  std::string kind = {};
  int64_t vocab_size = 0;
  SpecialIds special = {};
};

/// The weight files.
struct WeightsSummary {
  std::vector<std::string> files = {};
  uint64_t bytes = 0;
  std::map<std::string, uint64_t> parameters_by_dtype = {};  ///< keyed "BF16", "F32", ...
};

struct ModelSummary {
  std::string name = {};         ///< the folder, or the preset's name
  std::string description = {};  ///< the preset's; empty for a folder
  bool sees = true;              ///< false: a plain language model, of which `config` is the language part alone
  FusionConfig config = {};
  std::string conversation = {};  ///< name of the default conversation template; "": none is known
  std::vector<BlockSummary> blocks = {};
  std::optional<TokenizerSummary> tokenizer = {};  ///< nothing: no usable tokenizer files
  std::optional<WeightsSummary> weights = {};      ///< nothing: no weight files
  std::vector<std::string> notes = {};             ///< what a user should know: ignored keys, files that do not fit

  uint64_t parameters() const;
  size_t tensors() const;
};

/// How weights may be kept.
enum class WeightFormat { kFloat32, kBFloat16, kInt8, kInt4 };

/// Bytes of all weights. In the integer formats the matrices of linear layers are integers, without their scales, and
/// everything else bfloat16.
uint64_t weight_bytes(const ModelSummary& model, WeightFormat format);

/// Bytes of the KV cache for one position, in bfloat16.
uint64_t kv_bytes_per_position(const DecoderConfig& decoder);

ModelSummary summarise_preset(const Preset& preset);

/// Reads the configuration of a checkpoint folder, FUSION's or a plain language model's, the headers of its weights and
/// its tokenizer. Weights, tokenizer and chat template may be missing or not fit: that becomes a note. Throws Error on
/// a folder without a usable config.json, and on weight files that are broken.
ModelSummary summarise_checkpoint(const std::string& folder);

/// A folder, or else the name of a preset. Throws Error where it is neither.
ModelSummary summarise(const std::string& folder_or_preset);

}  // namespace fusion
