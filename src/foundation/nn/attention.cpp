#include "foundation/nn/attention.h"

#include <cassert>

namespace fusion {

namespace {

/// Repeats each key head for the query heads it serves: [B, Hkv, M, d] -> [B, H, M, d].
torch::Tensor serve_heads(const torch::Tensor& x, int64_t heads) {
  const int64_t group = heads / x.size(1);
  if (group == 1) return x;
  return x.unsqueeze(2).expand({-1, -1, group, -1, -1}).reshape({x.size(0), heads, x.size(2), x.size(3)});
}

torch::Tensor fused(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v,
                    const std::optional<torch::Tensor>& bias, bool is_causal) {
  return at::scaled_dot_product_attention(q, serve_heads(k, q.size(1)), serve_heads(v, q.size(1)), bias,
                                          /*dropout_p=*/0.0, is_causal);
}

}  // namespace

torch::Tensor split_heads(const torch::Tensor& x, int64_t heads) {
  return x.unflatten(-1, {heads, x.size(-1) / heads}).transpose(1, 2);
}

torch::Tensor merge_heads(const torch::Tensor& x) {
  return x.transpose(1, 2).flatten(2);
}

torch::Tensor attention(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v,
                        const std::optional<torch::Tensor>& bias) {
  return fused(q, k, v, bias, /*is_causal=*/false);
}

torch::Tensor causal_attention(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v,
                               const std::optional<torch::Tensor>& visible) {
  const int64_t new_count = q.size(2);
  const int64_t total = k.size(2);
  assert(total >= new_count);
  assert(!visible || new_count == 1);
  if (new_count == 1) {
    // One query sees everything, so the query heads of a group can stand where queries stand: the cache, which may be
    // long, is read in place instead of being repeated for each of them.
    const int64_t group = q.size(1) / k.size(1);
    const auto grouped = q.reshape({q.size(0), k.size(1), group, q.size(3)});
    return fused(grouped, k, v, visible, /*is_causal=*/false).reshape(q.sizes());
  }
  if (new_count == total) return fused(q, k, v, std::nullopt, /*is_causal=*/true);
  const auto past_and_own =
      torch::ones({new_count, total}, q.options().dtype(torch::kBool)).tril(/*diagonal=*/total - new_count);
  return fused(q, k, v, past_and_own, /*is_causal=*/false);
}

}  // namespace fusion
