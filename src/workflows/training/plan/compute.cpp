#include "workflows/training/plan/compute.h"

#include <string_view>

namespace fusion {

namespace {

/// Rows that a matrix is multiplied with in one place.
struct Use {
  double rows = 0;
  bool input_gradient = false;  ///< whether what they come from is trained
};

double as_double(int64_t value) {
  return static_cast<double>(value);
}

class OperationCounter {
 public:
  OperationCounter(const FusionConfig& config, const TrainedParts& trained, const BatchShape& shape, bool recompute)
      : config_(config), trained_(trained), shape_(shape), recompute_(recompute) {}

  void add_product(const PlannedTensor& tensor) {
    for (const Use& use : uses_of(tensor.name)) {
      const double product = 2 * use.rows * tensor.elements();
      compute_.forward += product;
      if (use.input_gradient) compute_.input_gradients += product;
      if (tensor.trained) compute_.weight_gradients += product;
      if (recompute_ && is_recomputed(tensor.name)) compute_.recomputed += product;
    }
  }

  void add_attention() {
    const VisionConfig& vision = config_.vision;
    const DecoderConfig& decoder = config_.decoder;
    const double width = as_double(vision.hidden_size);
    const double tile = patches();
    const double view = tile + shape_.instruct;
    // The mean that early layers give the question's rows costs one row.
    const bool mean_rows = vision.early_attention == EarlyAttention::kUniformInstruct;
    const double early = as_double(vision.num_early_layers());
    const double queries = early * (mean_rows ? tile : view) + (as_double(vision.num_layers) - early) * view;
    add_block(4 * shape_.samples * queries * view * width, trained_.reach_view());
    add_block(4 * tiles() * as_double(vision.num_layers) * tile * tile * width, trained_.tower);

    const double heads = as_double(decoder.num_heads * decoder.head_dim);
    add_block(2 * shape_.samples * as_double(decoder.num_layers) * shape_.length * shape_.length * heads,
              trained_.reach_decoder());
    const double window = as_double(decoder.interaction.window);
    add_block(4 * as_double(decoder.interaction.count) * latents() * window * window * as_double(decoder.hidden_size),
              trained_.reach_decoder());
  }

  const StepCompute& compute() const { return compute_; }

 private:
  /// A block of attention, whose inputs and outputs are all activations.
  void add_block(double forward, bool reached) {
    compute_.forward += forward;
    if (reached) compute_.input_gradients += 2 * forward;
    if (reached && recompute_) compute_.recomputed += forward;
  }

  double patches() const { return as_double(config_.vision.num_patches()) + (config_.vision.class_token ? 1 : 0); }
  /// Global tiles, which only latent tokens look back at.
  double tiles() const { return shape_.latents > 0 ? 4 * shape_.samples : 0; }
  double latents() const { return shape_.samples * shape_.questions * shape_.latents; }

  std::vector<Use> uses_of(std::string_view name) const {
    const double batch = shape_.samples;
    const double view = batch * (patches() + shape_.instruct);
    const double tile_rows = tiles() * patches();
    const bool features_reached = trained_.reach_view() || trained_.mm_projector;
    if (name.find(".patch_embedding.") != std::string_view::npos) return {{.rows = (batch + tiles()) * patches()}};
    if (name.starts_with("model.vision_tower.")) return {{view, trained_.reach_view()}, {tile_rows, trained_.tower}};
    if (name.starts_with("model.mm_projector.")) {
      return {{view, trained_.reach_view() || second_layer(name)}, {tile_rows, trained_.tower || second_layer(name)}};
    }
    if (name.starts_with("model.aux_projector.")) {
      return {{batch * shape_.instruct, trained_.embeddings || second_layer(name)},
              {batch * patches(), features_reached || second_layer(name)}};
    }
    if (name.starts_with("model.layers.")) return {{batch * shape_.length, trained_.reach_decoder()}};
    if (name.starts_with("model.vision_sampler_layers.")) {
      return {{looks_at_windows(name) ? batch * shape_.latents * window_cells() : latents(), trained_.reach_decoder()}};
    }
    return {{batch * shape_.targets, trained_.reach_decoder()}};  // the head, or the table in its place
  }

  double window_cells() const {
    return as_double(config_.decoder.interaction.window * config_.decoder.interaction.window);
  }

  /// Of a projector: what comes before it is trained with it.
  bool second_layer(std::string_view name) const {
    if (name.find("projector.2.") == std::string_view::npos) return false;
    return name.starts_with("model.mm_projector.") ? trained_.mm_projector : trained_.aux_projector;
  }

  static bool looks_at_windows(std::string_view name) {
    for (const std::string_view part : {".proj_context.", ".k_proj.", ".v_proj."}) {
      if (name.find(part) != std::string_view::npos) return true;
    }
    return false;
  }

  bool is_recomputed(std::string_view name) const {
    if (name.starts_with("model.vision_tower.")) {
      return trained_.reach_view() && name.find(".layers.") != std::string_view::npos;
    }
    return trained_.reach_decoder() &&
           (name.starts_with("model.layers.") || name.starts_with("model.vision_sampler_layers."));
  }

  const FusionConfig& config_;
  TrainedParts trained_;
  BatchShape shape_;
  bool recompute_;
  StepCompute compute_;
};

}  // namespace

StepCompute StepCompute::times(double factor) const {
  return {forward * factor, input_gradients * factor, weight_gradients * factor, recomputed * factor};
}

bool is_multiplied(const PlannedTensor& tensor, const FusionConfig& config) {
  if (tensor.shape.size() < 2) return false;
  if (tensor.name.starts_with("model.embed_tokens.")) return config.decoder.tie_word_embeddings;
  return tensor.name.find("position_embedding") == std::string::npos;
}

StepCompute compute_of(const FusionConfig& config, const std::vector<PlannedTensor>& tensors, const BatchShape& shape,
                       bool recompute) {
  OperationCounter counter(config, trained_parts(tensors), shape, recompute);
  for (const PlannedTensor& tensor : tensors) {
    if (is_multiplied(tensor, config)) counter.add_product(tensor);
  }
  counter.add_attention();
  return counter.compute();
}

}  // namespace fusion
