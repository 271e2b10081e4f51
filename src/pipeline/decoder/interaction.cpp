#include "pipeline/decoder/interaction.h"

#include <torch/types.h>

#include "foundation/nn/attention.h"

namespace fusion {

namespace {

constexpr double kNormEps = 1e-5;  // nn.LayerNorm's default, which the reference uses here

/// Rows of hidden [B, S, H] at positions [B, n], zero where a position is -1.
torch::Tensor rows_at(const torch::Tensor& hidden, const torch::Tensor& positions) {
  const auto index = positions.clamp_min(0).unsqueeze(-1).expand({-1, -1, hidden.size(2)});
  return hidden.gather(1, index) * positions.ge(0).unsqueeze(-1);
}

/// hidden [B, S, H] with rows [B, n, H] written at positions [B, n], nothing written where a position is -1.
torch::Tensor with_rows(const torch::Tensor& hidden, const torch::Tensor& positions, const torch::Tensor& rows) {
  const auto first_row = torch::arange(hidden.size(0), positions.options()).unsqueeze(1) * hidden.size(1);
  const auto valid = positions.flatten().ge(0).nonzero().squeeze(1);
  const auto targets = (positions + first_row).flatten().index_select(0, valid);
  // Under autocast the rows come in 16 bits.
  const auto written = rows.flatten(0, 1).index_select(0, valid).to(hidden.scalar_type());
  return hidden.flatten(0, 1).index_copy(0, targets, written).view(hidden.sizes());
}

}  // namespace

InteractionLayerImpl::InteractionLayerImpl(int64_t width, int64_t heads, const torch::TensorOptions& options)
    : heads_(heads),
      proj_in_(register_module("proj_in", Linear(2 * width, width, /*bias=*/false, options))),
      proj_context_(register_module("proj_context", Linear(width, width, /*bias=*/false, options))),
      norm_(register_module("norm", LayerNorm(width, kNormEps, options))) {
  const auto square = [&] { return Linear(width, width, /*bias=*/false, options); };
  const auto cross = register_module("cross_attn", std::make_shared<torch::nn::Module>());
  const auto projection = [&](const char* name, LayerNorm& norm, Linear& linear) {
    const auto pair = cross->register_module(name, std::make_shared<torch::nn::Module>());
    norm = pair->register_module("0", LayerNorm(width, kNormEps, options));
    linear = pair->register_module("1", square());
  };
  projection("q_proj", q_norm_, q_proj_);
  projection("k_proj", k_norm_, k_proj_);
  projection("v_proj", v_norm_, v_proj_);
  o_proj_ = cross->register_module("o_proj", square());

  const auto out = register_module("proj_out", std::make_shared<torch::nn::Module>());
  linear_1_ = out->register_module("linear_1", square());
  linear_2_ = out->register_module("linear_2", square());
}

torch::Tensor InteractionLayerImpl::forward(const torch::Tensor& hidden, const LatentContext& context,
                                            const TraceScope& trace) {
  const int64_t questions = context.question_positions.size(1);
  const int64_t latents = context.windows.size(2);
  const auto question =
      rows_at(hidden, context.question_positions).unsqueeze(2).expand({-1, -1, latents, -1});        // [B, L, q, H]
  const auto latent = rows_at(hidden, context.latent_positions).unflatten(1, {questions, latents});  // [B, L, q, H]
  const auto updated = look(question, latent, context).flatten(1, 2);                                // [B, L*q, H]
  const auto result = with_rows(hidden, context.latent_positions, updated);

  trace.record(question.flatten(1, 2), "question");
  trace.record(latent.flatten(1, 2), "latent_in");
  trace.record(updated, "latent_out");
  trace.record(result, "hidden");
  return result;
}

torch::Tensor InteractionLayerImpl::look(const torch::Tensor& question, const torch::Tensor& latent,
                                         const LatentContext& context) {
  const int64_t pictures = context.windows.size(1);
  const auto p = proj_in_(torch::cat({question, latent}, -1));  // [B, L, q, H]
  const auto c = proj_context_(context.windows).flatten(0, 2);  // [B*N*q, w*w, H]
  // The questions of a row look at the same windows: they are the queries, a window's cells the keys. Each looks at
  // every picture, and keeps what it saw of its own.
  const auto queries =
      q_proj_(q_norm_(p)).transpose(1, 2).unsqueeze(1).expand({-1, pictures, -1, -1, -1}).flatten(0, 2);
  const auto seen = attention(split_heads(queries, heads_), split_heads(k_proj_(k_norm_(c)), heads_),
                              split_heads(v_proj_(v_norm_(c)), heads_));  // [B*N*q, heads, L, d]
  const auto of_all = merge_heads(seen).unflatten(0, {latent.size(0), pictures, latent.size(2)});  // [B, N, q, L, H]
  const auto own = context.pictures.unsqueeze(1).unsqueeze(1).unsqueeze(-1);                       // [B, 1, 1, L, 1]
  const auto a = o_proj_(of_all.take_along_dim(own, 1).squeeze(1)).transpose(1, 2);                // [B, L, q, H]
  return linear_2_(torch::gelu(linear_1_(norm_(a + p)))) + latent;
}

}  // namespace fusion
