#include "workflows/training/plan/activations.h"

#include <algorithm>

namespace fusion {

namespace {

constexpr double kWide = 4;   // bytes of a float32
constexpr double kIndex = 8;  // of an int64

double number(int64_t value) {
  return static_cast<double>(value);
}

/// What autograd keeps of a block: the sum, written in the order of the block's forward pass.
class Kept {
 public:
  /// \param reached  a gradient passes: otherwise nothing is kept
  /// \param trained  weights of the block are trained: otherwise inputs of its products are not needed
  Kept(bool mixed, bool reached, bool trained)
      : narrow_(mixed ? 2 : kWide), mixed_(mixed), reached_(reached), trained_(reached && trained) {}

  /// float32 in any precision.
  void wide(double elements) { add(reached_, elements * kWide); }
  /// float32, for the gradient of a norm's weight.
  void wide_for_weight(double elements) { add(trained_, elements * kWide); }
  /// In the type of products.
  void narrow(double elements) { add(reached_, elements * narrow_); }
  /// What a product reads that is in the type of products already.
  void input(double elements) { add(trained_, elements * narrow_); }
  /// float32 that several products read: shared, or converted for each.
  void converted(double elements, int products) { add(trained_, elements * (mixed_ ? 2 * products : kWide)); }
  void indices(double elements) { add(reached_, elements * kIndex); }

  double bytes() const { return bytes_; }

 private:
  void add(bool kept, double bytes) { bytes_ += kept ? bytes : 0; }

  double narrow_;
  bool mixed_;
  bool reached_;
  bool trained_;
  double bytes_ = 0;
};

/// One pass through the tower.
struct TowerPass {
  double rows = 0;      ///< pictures
  double instruct = 0;  ///< question tokens of each
  bool reached = false;
};

class ActivationCounter {
 public:
  ActivationCounter(const FusionConfig& config, const BatchShape& shape, const TrainedParts& trained,
                    const ActivationOptions& options)
      : vision_(config.vision), decoder_(config.decoder), shape_(shape), trained_(trained), options_(options) {}

  ActivationMemory count() const {
    ActivationMemory memory;
    const double batch = shape_.samples;
    memory.pixels = 5 * batch * pixels_of_tile() * kWide;

    const TowerPass view{.rows = batch, .instruct = shape_.instruct, .reached = trained_.reach_view()};
    const TowerPass tiles{.rows = shape_.latents > 0 ? 4 * batch : 0, .instruct = 0, .reached = trained_.tower};
    memory.tower = tower(view) + tower(tiles);
    memory.connector = features(view) + features(tiles) + context() + mapping();

    const auto& interaction = decoder_.interaction;
    const double layer = decoder_layer();
    const double look = interaction_layer();
    const double stream = stream_only(positions() * number(decoder_.hidden_size), trained_.reach_decoder());
    memory.decoder = number(decoder_.num_layers) * (options_.recompute ? stream : layer) + around_decoder();
    memory.interaction = number(interaction.count) * (options_.recompute ? stream : look);
    memory.head = head();

    const double again = options_.recompute ? 1 : 0;
    const double decoder_work = std::max(
        again * layer + layer_work(positions(), number(decoder_.hidden_size), number(decoder_.intermediate_size)),
        again * look);
    const double tower_work = again * std::max(tower_layer(view, false), tower_layer(tiles, false)) +
                              layer_work(tokens(tiles), number(vision_.hidden_size), number(vision_.intermediate_size));
    // Log-probabilities have gone when the decoder's turn comes, and all of the decoder when the tower's comes.
    const double kept = memory.total();
    const double peak =
        std::max({kept - memory.head + (trained_.reach_decoder() ? decoder_work : 0), kept - memory.head + head_work(),
                  memory.pixels + memory.tower + memory.connector + (trained_.tower ? tower_work : 0)});
    memory.work = std::max(peak - kept, 0.0);
    return memory;
  }

 private:
  double pixels_of_tile() const { return number(vision_.num_channels * vision_.image_size * vision_.image_size); }
  double patches() const { return number(vision_.num_patches()); }
  double positions() const { return shape_.samples * shape_.length; }
  double tokens(const TowerPass& pass) const {
    return pass.rows * (patches() + (vision_.class_token ? 1 : 0) + pass.instruct);
  }
  double stream_only(double elements, bool reached) const { return reached ? elements * kWide : 0; }

  double tower(const TowerPass& pass) const {
    Kept kept(options_.mixed, pass.reached, trained_.tower);
    kept.input(pass.rows * pixels_of_tile());
    double layers = 0;
    for (int64_t i = 0; i < vision_.num_layers; ++i) {
      layers += options_.recompute ? stream_only(tokens(pass) * number(vision_.hidden_size), pass.reached)
                                   : tower_layer(pass, i < vision_.num_early_layers());
    }
    return kept.bytes() + layers;
  }

  double tower_layer(const TowerPass& pass, bool early) const {
    const double width = number(vision_.hidden_size);
    const double mlp = number(vision_.intermediate_size);
    const double n = tokens(pass);
    const bool mean_rows = early && pass.instruct > 0 && vision_.early_attention == EarlyAttention::kUniformInstruct;
    const double queries = mean_rows ? n - pass.rows * pass.instruct : n;
    Kept kept(options_.mixed, pass.reached, trained_.tower);
    kept.wide(n * width);                                          // x, of layer_norm1
    kept.converted(n * width, 2);                                  // its output: k_proj, v_proj,
    if (mean_rows || options_.mixed) kept.input(queries * width);  // q_proj: rows or a type of its own
    kept.narrow((2 * n + queries) * width);                        // k, v, q
    kept.narrow(queries * width);                                  // attention's output, which out_proj reads
    kept.wide(queries * number(vision_.num_heads));                // and its normalisers
    if (mean_rows) kept.input(n * width);                          // out_proj: with the question's rows behind
    if (options_.mixed && pass.instruct > 0) kept.narrow(n * n / pass.rows);       // the mask, in 16 bits
    kept.wide(n * width);                                                          // h, of layer_norm2
    kept.converted(n * width, 1);                                                  // fc1
    kept.narrow(n * mlp);                                                          // activation
    if (vision_.activation == VisionActivation::kQuickGelu) kept.narrow(n * mlp);  // the sigmoid
    kept.input(n * mlp);                                                           // fc2
    return kept.bytes();
  }

  /// The feature stack and mm_projector.
  double features(const TowerPass& pass) const {
    const double n = pass.rows * (patches() + pass.instruct);
    const double hidden = number(decoder_.hidden_size);
    Kept kept(options_.mixed, pass.reached || trained_.mm_projector, trained_.mm_projector);
    kept.converted(n * 3 * number(vision_.hidden_size), 1);
    kept.narrow(n * hidden);  // gelu
    kept.input(n * hidden);
    kept.narrow(n * hidden);  // the features: what pools and losses read
    return kept.bytes();
  }

  double context() const {
    const double hidden = number(decoder_.hidden_size);
    const double cells = window_cells();
    Kept kept(options_.mixed, trained_.tower || trained_.mm_projector, true);
    kept.indices((cells + shape_.samples * shape_.latents) * hidden);
    Kept windows(options_.mixed, true, true);
    windows.narrow(cells * hidden);
    return kept.bytes() + windows.bytes();
  }

  /// aux_projector on the question and on the view, and the two mapping losses.
  double mapping() const {
    const double hidden = number(decoder_.hidden_size);
    const double width = number(vision_.hidden_size);
    const double seen = shape_.samples * patches();
    const double words = shape_.samples * shape_.instruct;
    Kept question(options_.mixed, trained_.aux_projector || trained_.embeddings, trained_.aux_projector);
    question.wide(words * hidden);                       // the embeddings
    if (options_.mixed) question.input(words * hidden);  // in 16 bits
    question.narrow(words * width);                      // gelu
    question.input(words * width);
    Kept pairs(options_.mixed, trained_.reach_view() || trained_.mm_projector, trained_.aux_projector);
    pairs.input(seen * hidden);
    pairs.narrow(seen * width);  // gelu
    pairs.input(seen * width);
    pairs.wide(4 * seen * width);    // both sides and their unit vectors
    pairs.wide(4 * words * hidden);  // the same for words
    return question.bytes() + pairs.bytes();
  }

  double decoder_layer() const {
    const bool fused = decoder_.layout == ProjectionLayout::kFused;
    const double hidden = number(decoder_.hidden_size);
    const double mlp = number(decoder_.intermediate_size);
    const double q = number(decoder_.num_heads * decoder_.head_dim);
    const double kv = number(decoder_.num_kv_heads * decoder_.head_dim);
    const double n = positions();
    Kept kept(options_.mixed, trained_.reach_decoder(), trained_.decoder);
    kept.wide(n * hidden);                      // x
    kept.wide_for_weight(n * hidden);           // normalised
    kept.converted(n * hidden, fused ? 1 : 3);  // scaled: qkv_proj
    if (decoder_.num_heads != decoder_.num_kv_heads) {
      kept.narrow(n * 3 * q);  // rotated q; k and v repeated for the heads they serve
    } else {
      kept.narrow(n * (fused ? q + 2 * kv : kv));  // v, which is a part of the fused output
      kept.narrow(n * (q + kv));                   // rotated q and k
    }
    kept.narrow(n * q);  // attention's output, which o_proj reads
    kept.wide(n * number(decoder_.num_heads));
    kept.wide(n * hidden);                      // h
    kept.wide_for_weight(n * hidden);           // normalised
    kept.converted(n * hidden, fused ? 1 : 2);  // scaled: gate_up_proj
    kept.narrow(n * 3 * mlp);                   // gate, up, silu
    kept.input(n * mlp);                        // down_proj
    return kept.bytes();
  }

  /// Angles of the rotation and the final norm.
  double around_decoder() const {
    const double n = positions();
    Kept kept(options_.mixed, trained_.reach_decoder(), trained_.decoder);
    kept.wide(2 * n * number(decoder_.head_dim));
    kept.wide(n * number(decoder_.hidden_size));
    kept.wide_for_weight(n * number(decoder_.hidden_size));
    return kept.bytes();
  }

  /// Cells of all windows of the rows.
  double window_cells() const {
    const double window = number(decoder_.interaction.window);
    return shape_.samples * shape_.latents * window * window;
  }

  double interaction_layer() const {
    const double hidden = number(decoder_.hidden_size);
    const double r = shape_.samples * shape_.questions * shape_.latents * hidden;
    const double m = window_cells() * hidden;
    Kept kept(options_.mixed, trained_.reach_decoder(), trained_.interaction);
    kept.input(2 * r);                      // proj_in: question and latent
    kept.wide(r);                           // p, of q_norm
    kept.input(r);                          // q_proj
    kept.narrow(2 * r);                     // q, what was seen
    kept.input(r);                          // o_proj
    kept.wide(r);                           // a + p, of norm
    kept.input(r);                          // linear_1
    kept.narrow(r);                         // gelu
    kept.input(r);                          // linear_2
    kept.wide(options_.mixed ? 2 * m : m);  // c, of k_norm and v_norm
    kept.input(2 * m);                      // k_proj, v_proj
    kept.narrow(2 * m);                     // k, v
    return kept.bytes();
  }

  double head() const {
    const double n = shape_.samples * shape_.targets;
    Kept kept(options_.mixed, true, trained_.head || trained_.embeddings);
    kept.converted(n * number(decoder_.hidden_size), 1);
    kept.wide(n * number(decoder_.vocab_size));
    return kept.bytes();
  }

  /// At the head's turn: log-probabilities and the two gradients on both sides of the softmax, in 16 bits once more.
  double head_work() const {
    const double logits = shape_.samples * shape_.targets * number(decoder_.vocab_size);
    return logits * (options_.mixed ? 3 * kWide + 2 : 3 * kWide);
  }

  double layer_work(double rows, double width, double mlp) const {
    return rows * (4 * mlp * (options_.mixed ? 2 : kWide) + 2 * width * kWide);
  }

  const VisionConfig& vision_;
  const DecoderConfig& decoder_;
  BatchShape shape_;
  TrainedParts trained_;
  ActivationOptions options_;
};

}  // namespace

ActivationMemory activation_memory(const FusionConfig& config, const BatchShape& shape, const TrainedParts& trained,
                                   const ActivationOptions& options) {
  return ActivationCounter(config, shape, trained, options).count();
}

}  // namespace fusion
