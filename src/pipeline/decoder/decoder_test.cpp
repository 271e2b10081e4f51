#include "pipeline/decoder/decoder.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "foundation/core/error.h"
#include "foundation/nn/test_support.h"

namespace fusion {
namespace {

DecoderConfig tiny(ProjectionLayout layout) {
  DecoderConfig config;
  config.hidden_size = 32;
  config.intermediate_size = 48;
  config.num_layers = 3;
  config.num_heads = 4;
  config.num_kv_heads = 2;
  config.head_dim = 8;
  config.vocab_size = 20;
  config.rms_norm_eps = 1e-5;
  config.layout = layout;
  config.rope.head_dim = 8;
  config.rope.theta = 10000;
  config.interaction = {.count = 2, .start = 0, .stride = 2, .window = 2};
  return config;
}

Decoder random_decoder(ProjectionLayout layout) {
  Decoder decoder(tiny(layout), torch::TensorOptions());
  fill_randomly(*decoder, 8);
  return decoder;
}

KvCache cache_for(const DecoderConfig& config, int64_t batch, int64_t capacity) {
  return KvCache(config.num_layers, {batch, config.num_kv_heads, capacity, config.head_dim}, torch::TensorOptions());
}

torch::Tensor positions(int64_t from, int64_t count, int64_t batch) {
  return torch::arange(from, from + count, torch::kInt64).unsqueeze(0).expand({batch, -1});
}

double difference(const torch::Tensor& a, const torch::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

class Layouts : public testing::TestWithParam<ProjectionLayout> {};

TEST_P(Layouts, ReadingInPiecesEqualsReadingAtOnce) {
  torch::manual_seed(9);
  auto decoder = random_decoder(GetParam());
  const auto embeds = torch::randn({2, 9, 32});
  const auto whole =
      decoder->forward({.embeds = embeds, .position_ids = positions(0, 9, 2), .context_lengths = {9}}, {});
  KvCache cache = cache_for(decoder->config(), 2, 9);
  std::vector<torch::Tensor> pieces;
  for (const auto& [from, count] : {std::pair<int64_t, int64_t>{0, 4}, {4, 3}, {7, 1}, {8, 1}}) {
    pieces.push_back(decoder->forward({.embeds = embeds.narrow(1, from, count),
                                       .position_ids = positions(from, count, 2),
                                       .context_lengths = {9},
                                       .phase = Phase::kDecode,
                                       .cache = &cache},
                                      {}));
  }
  EXPECT_LT(difference(torch::cat(pieces, 1), whole), 1e-5);
  EXPECT_EQ(cache.lengths(), (std::vector<int64_t>{9, 9}));
}

INSTANTIATE_TEST_SUITE_P(Decoder, Layouts, testing::Values(ProjectionLayout::kFused, ProjectionLayout::kSeparate));

LatentContext looking_back(int64_t batch) {
  return {.windows = torch::randn({batch, 1, 4, 4, 32}),
          .question_positions = torch::full({batch, 1}, 7, torch::kInt64),
          .latent_positions = positions(1, 4, batch),
          .pictures = torch::zeros({batch, 1}, torch::kInt64)};
}

TEST(Decoder, InteractionRunsInThePrefillAndInNoLongerChunkOfTheDecode) {
  torch::manual_seed(10);
  auto decoder = random_decoder(ProjectionLayout::kSeparate);
  const LatentContext latents = looking_back(1);
  DecoderInput input{.embeds = torch::randn({1, 8, 32}), .position_ids = positions(0, 8, 1), .context_lengths = {8}};
  const auto plain = decoder->forward(input, {});
  input.latents = &latents;
  EXPECT_GT(difference(decoder->forward(input, {}), plain), 1e-2);
  input.phase = Phase::kDecode;
  EXPECT_TRUE(decoder->forward(input, {}).equal(plain));
}

TEST(Decoder, ChangesOnlyLatentRowsRightAfterAnInteraction) {
  torch::manual_seed(11);
  auto decoder = random_decoder(ProjectionLayout::kSeparate);
  const LatentContext latents = looking_back(2);
  Trace trace;
  decoder->forward({.embeds = torch::randn({2, 8, 32}),
                    .position_ids = positions(0, 8, 2),
                    .context_lengths = {8},
                    .latents = &latents},
                   TraceScope(&trace));
  const auto changed = (trace.at("interaction.0.hidden") - trace.at("llm.layer.0")).abs().amax({0, 2}).gt(0);
  EXPECT_TRUE(changed.equal(torch::tensor({0, 1, 1, 1, 1, 0, 0, 0}).to(torch::kBool)));
}

TEST(Decoder, ALatentLooksAtThePictureOfItsQuestion) {
  torch::manual_seed(12);
  auto decoder = random_decoder(ProjectionLayout::kSeparate);
  LatentContext first = looking_back(1);
  LatentContext second = first;
  second.windows = torch::randn({1, 1, 4, 4, 32});
  LatentContext both = first;
  both.windows = torch::cat({first.windows, second.windows}, 1);
  DecoderInput input{.embeds = torch::randn({1, 8, 32}), .position_ids = positions(0, 8, 1), .context_lengths = {8}};
  const auto seen_with = [&](const LatentContext& latents) {
    input.latents = &latents;
    return decoder->forward(input, {});
  };
  EXPECT_LT(difference(seen_with(both), seen_with(first)), 1e-6);
  both.pictures.fill_(1);
  EXPECT_LT(difference(seen_with(both), seen_with(second)), 1e-6);
  EXPECT_GT(difference(seen_with(both), seen_with(first)), 1e-3);
}

TEST(Decoder, RowsOfDifferentLengthsDecodeAsAlone) {
  torch::manual_seed(13);
  auto decoder = random_decoder(ProjectionLayout::kSeparate);
  const auto embeds = torch::randn({2, 6, 32});
  const auto next = torch::randn({2, 1, 32});
  const std::vector<int64_t> lengths{4, 6};
  const auto read = [&](int64_t first, int64_t count, int64_t width, KvCache& cache) {
    decoder->forward({.embeds = embeds.slice(0, first, first + count).slice(1, 0, width),
                      .position_ids = positions(0, width, count),
                      .context_lengths = {8},
                      .cache = &cache},
                     {});
  };
  const auto step = [&](int64_t first, int64_t count, KvCache& cache) {
    const auto place = torch::tensor(cache.lengths(), torch::kInt64).unsqueeze(1);
    return decoder->forward({.embeds = next.slice(0, first, first + count),
                             .position_ids = place,
                             .context_lengths = {8},
                             .phase = Phase::kDecode,
                             .cache = &cache},
                            {});
  };
  KvCache both = cache_for(decoder->config(), 2, 8);
  read(0, 2, 6, both);
  both.set_lengths(lengths);
  const auto together = step(0, 2, both);
  both.keep_rows({1});
  const auto second_again = step(1, 1, both);
  for (int64_t row = 0; row < 2; ++row) {
    KvCache alone = cache_for(decoder->config(), 1, 8);
    read(row, 1, lengths[row], alone);
    EXPECT_LT(difference(step(row, 1, alone), together.slice(0, row, row + 1)), 1e-5);
    if (row == 0) continue;
    EXPECT_LT(difference(step(row, 1, alone), second_again), 1e-5);
  }
}

TEST(KvCache, RefusesMoreThanThereIsMemoryFor) {
  DecoderConfig config = tiny(ProjectionLayout::kFused);
  EXPECT_THROW(cache_for(config, 1, int64_t{1} << 50), Error);
}

TEST(KvCache, RefusesMoreThanItsCapacity) {
  KvCache cache = cache_for(tiny(ProjectionLayout::kFused), 1, 4);
  const auto five = torch::zeros({1, 2, 5, 8});
  EXPECT_THROW(cache.append(0, five, five), Error);
}

}  // namespace
}  // namespace fusion
