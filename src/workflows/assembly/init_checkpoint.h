#pragma once
// A checkpoint folder with random weights, in the shape of a known model.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "pipeline/model/presets.h"
#include "workflows/assembly/checkpoint_folder.h"

namespace fusion {

struct InitOptions {
  uint64_t seed = 0;
  /// float32, bfloat16 or float16; nothing: as the preset's config says, float32 where it says nothing.
  std::optional<std::string> dtype = {};
  /// Where to copy tokenizer files from; the vocabulary is then theirs, whatever the preset says. Nothing: a byte-level
  /// stand-in (standin_tokenizer.h).
  std::optional<std::string> tokenizer_folder = {};
  /// A mixture (datasets/mixture.h) whose pictures the tower's patch and position embeddings are made for
  /// (fitted_embeddings.h). Nothing: they are random like the rest.
  std::optional<std::string> pictures = {};
  /// Hears how many of its records have been looked at.
  std::function<void(uint64_t done, uint64_t total)> on_record = {};
  SaveOptions save = {};
};

/// What was written.
struct InitReport {
  uint64_t parameters = 0;
  uint64_t weight_bytes = 0;
  size_t tensors = 0;
  std::string dtype = {};
  std::string tokenizer = {};  ///< its kind, for people
  int64_t pictures = 0;        ///< that the embeddings are fitted to
  int64_t records = 0;         ///< that were looked at for them
};

/// Writes config.json, vision_config.json where the tower's name does not imply its sizes, generation_config.json,
/// tokenizer files and weights into `folder` (checkpoint_folder.h). Weights are made and written a few megabytes at a
/// time (random_tensor.h).
///
/// Throws Error, before anything is written, where the folder holds a checkpoint already and `force` is off, where the
/// disk has not the room, where the tokenizer is broken or lacks a token of FUSION's prompts, and where `pictures` has
/// none or the tower is a CLIP, whose embeddings are others.
InitReport init_checkpoint(const Preset& preset, const std::string& folder, const InitOptions& options);

}  // namespace fusion
