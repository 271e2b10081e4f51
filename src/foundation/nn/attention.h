#pragma once
// Attention through torch's fused kernels: no score matrix of heads x N x N is ever held.

#include <torch/types.h>

#include <optional>

namespace fusion {

/// [B, N, heads * d] -> [B, heads, N, d]
torch::Tensor split_heads(const torch::Tensor& x, int64_t heads);

/// [B, heads, N, d] -> [B, N, heads * d]
torch::Tensor merge_heads(const torch::Tensor& x);

/// softmax(q kᵀ / sqrt(d) + bias) v.
/// \param q     [B, H, N, d]
/// \param k, v  [B, Hkv, M, d]; Hkv divides H, each key head serving H / Hkv query heads in turn
/// \param bias  added to the scores, broadcastable to [B, H, N, M]
torch::Tensor attention(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v,
                        const std::optional<torch::Tensor>& bias = std::nullopt);

/// Attention of the last N of M positions, each seeing itself and all before it (M >= N; the first M - N keys come from
/// a cache). Shapes as in `attention`.
/// \param visible  [B, 1, 1, M] bool, for N = 1 only: the positions that each row may look at; nothing: all
torch::Tensor causal_attention(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v,
                               const std::optional<torch::Tensor>& visible = std::nullopt);

}  // namespace fusion
