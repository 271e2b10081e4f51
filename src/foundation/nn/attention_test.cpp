#include "foundation/nn/attention.h"

#include <gtest/gtest.h>

#include <cmath>

namespace fusion {
namespace {

/// The definition, with every score written out.
torch::Tensor plain_attention(const torch::Tensor& q, torch::Tensor k, torch::Tensor v, const torch::Tensor& bias) {
  const int64_t group = q.size(1) / k.size(1);
  k = k.repeat_interleave(group, 1);
  v = v.repeat_interleave(group, 1);
  const auto scores = torch::matmul(q, k.transpose(2, 3)) / std::sqrt(static_cast<double>(q.size(3))) + bias;
  return torch::matmul(torch::softmax(scores, -1), v);
}

/// 0 where position i of the last `rows` of `keys` may look, else minus infinity.
torch::Tensor causal_bias(int64_t rows, int64_t keys) {
  const auto hidden = torch::ones({rows, keys}, torch::kBool).triu(keys - rows + 1);
  return torch::zeros({rows, keys}).masked_fill(hidden, -INFINITY);
}

struct Case {
  int64_t heads, kv_heads, rows, keys;
};

class CausalAttention : public testing::TestWithParam<Case> {};

TEST_P(CausalAttention, EqualsTheDefinition) {
  const auto [heads, kv_heads, rows, keys] = GetParam();
  torch::manual_seed(1);
  const auto q = torch::randn({2, heads, rows, 8});
  const auto k = torch::randn({2, kv_heads, keys, 8});
  const auto v = torch::randn({2, kv_heads, keys, 8});
  const auto expected = plain_attention(q, k, v, causal_bias(rows, keys));
  EXPECT_LT((causal_attention(q, k, v) - expected).abs().max().item<float>(), 2e-6);
}

INSTANTIATE_TEST_SUITE_P(Shapes, CausalAttention,
                         testing::Values(Case{4, 4, 7, 7},    // a whole prompt
                                         Case{4, 2, 7, 7},    // grouped key heads
                                         Case{4, 2, 1, 9},    // a decode step on a cache
                                         Case{6, 1, 1, 1},    // the first token of all
                                         Case{4, 2, 3, 9}));  // a chunk on a cache

TEST(Attention, BiasHidesKeys) {
  torch::manual_seed(2);
  const auto q = torch::randn({2, 4, 5, 8});
  const auto k = torch::randn({2, 4, 6, 8});
  const auto v = torch::randn({2, 4, 6, 8});
  auto bias = torch::zeros({2, 1, 1, 6});
  bias.select(3, 4).fill_(std::numeric_limits<float>::lowest());
  EXPECT_LT(
      (attention(q, k, v, bias.expand({-1, -1, 5, -1})) - plain_attention(q, k, v, bias)).abs().max().item<float>(),
      2e-6);
}

/// What torch will use for these tensors; flash attention never holds the scores.
int64_t kernel_of(const torch::Tensor& q, const torch::Tensor& k, const std::optional<torch::Tensor>& bias,
                  bool causal) {
  return at::_fused_sdp_choice(q, k, k, bias, 0.0, causal);
}

TEST(Attention, FullSizeInputsTakeAFusedKernel) {
  const auto flash = static_cast<int64_t>(at::SDPBackend::flash_attention);
  const auto view = torch::zeros({1, 16, 729 + 32, 72});  // SigLIP-so400m with a question of 32 tokens
  const auto bias = torch::zeros({1, 1, 1, 729 + 32}).expand({-1, -1, 729, -1});
  EXPECT_EQ(kernel_of(view.narrow(2, 0, 729), view, bias, false), flash);
  const auto prompt = torch::zeros({1, 32, 1024, 96});  // Phi-3.5
  EXPECT_EQ(kernel_of(prompt, prompt, std::nullopt, true), flash);
}

TEST(Attention, HeadsSplitAndMergeBack) {
  const auto x = torch::randn({2, 5, 12});
  EXPECT_TRUE(merge_heads(split_heads(x, 3)).equal(x));
}

}  // namespace
}  // namespace fusion
