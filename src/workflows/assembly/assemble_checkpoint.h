#pragma once
// Where a stage-1 training run begins: a FUSION checkpoint put together from a pretrained vision tower and a pretrained
// language model, with new parts between them.
//
// Note [What stage 1 begins with]
// As the reference's train.py makes it:
// - The tower comes from SiglipVisionModel without its last layer and without its pooling head (siglip_encoder.py,
//   load_model); everything else of a two-tower checkpoint is not used.
// - mm_projector, aux_projector and vision_sampler_layers are built by initialize_vision_modules (fusion_arch.py) after
//   from_pretrained, because a language model's config names no tower: transformers' _init_weights never sees them.
//   They are plain nn.Linear and nn.LayerNorm layers (multimodal_projector/builder.py, vision_sampler.py), so that they
//   keep torch's own initialisation: Linear weights and biases uniform within 1 / sqrt(inputs), norms 1 and 0, and not
//   normal(0, initializer_range).
// - The tokenizer gets <vision_start> and <vision_end>, both tables one row a token (which shrinks Phi-3.5's from 32064
//   to 32013), and the new rows are the mean of all before them (initialize_vision_tokenizer).
// What the reference has no case for: a language model of the right architecture that does not know FUSION's
// conversation (SmolLM2 is a LLaMA that speaks ChatML). Control tokens of phi_3 or llama_3 that its tokenizer lacks
// become new tokens too, in the same way, and the one that ends answers joins its end tokens.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "workflows/assembly/checkpoint_folder.h"

namespace fusion {

/// Interaction layers: how many, after which decoder layer the first, and how many layers from one to the next.
struct InteractionPlan {
  int64_t count = 0;
  int64_t start = 0;
  int64_t stride = 0;
};

/// What is left empty is as in the published checkpoints (fusion_settings()).
struct AssembleOptions {
  std::optional<std::vector<int64_t>> query_lengths = {};
  std::optional<int64_t> window = {};
  std::optional<InteractionPlan> interaction = {};
  /// tokenizer_model_max_length; nothing: 4096, or the language model's positions where it has fewer.
  std::optional<int64_t> max_length = {};
  /// Side of a tile in pixels; nothing: that of the vision checkpoint. Another one resizes the position embeddings.
  std::optional<int64_t> image_size = {};
  /// float32, bfloat16 or float16; nothing: that of the language model's embedding table.
  std::optional<std::string> dtype = {};
  uint64_t seed = 0;  ///< of the new parts
  SaveOptions save = {};
};

/// Throws Error, which names the option (query_len, window, interaction_layers), on what no model could have.
void check_options(const AssembleOptions& options);

/// What was written.
struct AssembleReport {
  uint64_t parameters = 0;
  uint64_t new_parameters = 0;  ///< of projectors and interaction layers
  uint64_t weight_bytes = 0;
  std::string dtype = {};
  std::string vision_tower = {};  ///< mm_vision_tower
  std::string model_type = {};
  int64_t rows_before = 0;  ///< of the embedding table
  int64_t rows = 0;
  std::vector<std::string> new_tokens = {};
  /// Tensors of the two checkpoints that FUSION does not use: how many under each name.
  std::map<std::string, size_t> left_out = {};
  std::vector<std::string> warnings = {};
};

/// Assembles a checkpoint from a SigLIP or SigLIP2 folder and a Phi-3 or LLaMA folder, both in Hugging Face form
/// (source_folder.h), and writes it to `folder` (checkpoint_folder.h). Weights are converted, resized and made a few
/// megabytes at a time. The same sources, options and seed give the same bytes.
///
/// Throws Error, before the folder shows anything new, on a source that is missing, of another architecture, quantised,
/// or that has missing, unexpected or mis-shaped tensors (all listed at once); on sizes that do not fit each other; on
/// a tokenizer that is missing; on weights that another program changes meanwhile; and as write_checkpoint_folder does.
AssembleReport assemble_checkpoint(const std::string& vision_folder, const std::string& language_folder,
                                   const std::string& folder, const AssembleOptions& options);

/// The report in a few lines, for people; without the warnings.
std::string text_report(const AssembleReport& report);

}  // namespace fusion
