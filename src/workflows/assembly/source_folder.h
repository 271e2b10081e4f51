#pragma once
// A checkpoint of another model, in Hugging Face form, to take weights from.

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "foundation/checkpoint/checkpoint.h"
#include "pipeline/model/fusion_config.h"
#include "pipeline/preprocess/tokenizer.h"
#include "workflows/assembly/tokenizer_files.h"

namespace fusion {

/// A SigLIP or SigLIP2 tower of a fixed picture size.
struct VisionSource {
  Checkpoint checkpoint;
  nlohmann::json config;  ///< a whole vision_config.json
  VisionConfig vision;
  std::string given_name;  ///< the checkpoint's own name where config.json tells it, else the folder's
};

/// Opens a folder with model_type siglip, siglip2 (then the tower is one of two), siglip_vision_model or
/// siglip2_vision_model. transformers leaves sizes out of `vision_config` that are the default of its class
/// (SiglipVisionConfig of 4.48.1): they are filled in as it would.
/// Throws Error on another model, a quantised one, and on SigLIP2 of the NaFlex kind, whose patch embedding is a linear
/// layer and which has no grid of its own.
VisionSource open_vision_source(const std::string& folder);

/// A Phi-3 or LLaMA language model with its tokenizer.
struct LanguageSource {
  Checkpoint checkpoint;
  ConfigFiles files;       ///< config.json and generation_config.json as they are
  std::string model_type;  ///< of a FUSION model with this decoder
  FileTexts tokenizer_files;
  std::unique_ptr<Tokenizer> tokenizer;
  int64_t stored_rows = 0;    ///< of the embedding table
  DType dtype = DType::kF32;  ///< of the embedding table
};

/// Opens a folder with model_type phi3 or llama. Throws Error on another model, a quantised one, a missing embedding
/// table, and on a missing or broken tokenizer.
LanguageSource open_language_source(const std::string& folder);

}  // namespace fusion
