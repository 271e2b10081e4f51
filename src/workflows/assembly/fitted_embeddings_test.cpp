#include "workflows/assembly/fitted_embeddings.h"

#include <gtest/gtest.h>
#include <torch/types.h>

namespace fusion {
namespace {

/// Patches of which one direction outweighs all others a thousandfold, as mean color does.
torch::Tensor lopsided_patches(int64_t size) {
  auto patches = torch::randn({4000, size}, torch::kFloat64);
  patches += 30 * torch::randn({4000, 1}, torch::kFloat64) + 7;
  return patches;
}

PatchStatistics statistics_of(const torch::Tensor& patches) {
  return {.mean = patches.mean(0), .covariance = patches.t().cov(0)};
}

TEST(FittedEmbeddings, WhitenedPatchesWeighAlikeInAllDirections) {
  torch::manual_seed(0);
  const auto patches = lopsided_patches(12);
  // As wide as the patches, and wider.
  for (const int64_t width : {12, 20}) {
    const auto filters = whitening_filters(statistics_of(patches), width, 1);
    const auto outputs = patches.to(torch::kFloat32).matmul(filters.weight.t()) + filters.bias;
    EXPECT_LT(outputs.mean(0).abs().max().item<double>(), 1e-3);
    const auto variances = std::get<0>(torch::linalg_eigh(outputs.t().cov())).narrow(0, width - 12, 12);
    EXPECT_NEAR(variances.max().item<double>(), 1, 0.01) << width;
    EXPECT_GT(variances.min().item<double>(), 0.4) << width;  // damped
  }
}

TEST(FittedEmbeddings, NarrowerOnesKeepTheLargestComponents) {
  torch::manual_seed(0);
  auto patches = torch::randn({2000, 6}, torch::kFloat64);
  patches.select(1, 2) *= 10;
  patches.select(1, 4) *= 20;
  const auto filters = whitening_filters(statistics_of(patches), 2, 1);
  const auto reach = filters.weight.abs().sum(0);
  EXPECT_GT(reach[2].item<double>(), 20 * reach[0].item<double>());
  EXPECT_GT(reach[4].item<double>(), 10 * reach[5].item<double>());
}

TEST(FittedEmbeddings, PositionsOfOneRowOrColumnAreAlike) {
  for (const int64_t width : {4, 16, 128}) {
    const auto positions = wave_positions(8, width, 3);
    EXPECT_EQ(positions.sizes(), (torch::IntArrayRef{64, width}));
    EXPECT_NEAR(positions.std().item<double>(), 0.5, 0.01);
  }
  const auto positions = wave_positions(8, 128, 3);
  const auto apart = [&](int64_t a, int64_t b) { return (positions[a] - positions[b]).norm().item<double>(); };
  // 9 is the second place of the second row.
  for (const int64_t other : {18, 20, 35, 63}) {
    EXPECT_GT(apart(9, other), 1.2 * apart(9, 8 + other % 8)) << other;
    EXPECT_GT(apart(9, other), 1.2 * apart(9, 1 + other / 8 * 8)) << other;
  }
  EXPECT_TRUE(torch::equal(positions, wave_positions(8, 128, 3)));
  EXPECT_FALSE(torch::equal(positions, wave_positions(8, 128, 4)));
}

}  // namespace
}  // namespace fusion
