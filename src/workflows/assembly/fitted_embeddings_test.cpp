#include "workflows/assembly/fitted_embeddings.h"

#include <gmock/gmock.h>
#include <torch/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "foundation/config/test_support.h"
#include "pipeline/preprocess/decode.h"
#include "pipeline/preprocess/tiles.h"

namespace fusion {
namespace {

using testing::HasSubstr;

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
  EXPECT_TRUE(torch::equal(wave_positions(1, 128, 3), torch::zeros({1, 128})));
}

/// A mixture of one record, with a copy of the picture.
std::shared_ptr<const Mixture> mixture_of(const ScratchFolder& folder, const std::string& picture) {
  std::filesystem::copy_file(picture, folder / "picture.png");
  folder.put("records.jsonl",
             R"({"id": "a", "image": "picture.png", "conversations": [{"from": "human", "value": "<image>\nWhat?"},)"
             R"( {"from": "gpt", "value": "That."}]})"
             "\n");
  return Mixture::open(folder / "records.jsonl", {});
}

// A side that is no multiple of the patch leaves a border out.
const VisionConfig kSmallTower = {
    .image_size = 26, .patch_size = 8, .image_mean = {0.5, 0.4, 0.3}, .image_std = {0.5, 0.6, 0.7}};

TEST(PatchStatistics, AreOfPatchesAsTheConvolutionSeesThem) {
  const ScratchFolder folder;
  const std::string picture = FUSION_SOURCE_DIR "/parity/goldens/n_conversation/picture.png";
  const PatchStatistics statistics = patch_statistics(*mixture_of(folder, picture), kSmallTower, 1);
  const TileOptions options{
      .tile_size = kSmallTower.image_size, .mean = kSmallTower.image_mean, .std = kSmallTower.image_std};
  std::vector<float> pixels = normalise(make_tiles(load_picture(picture), options), options);
  const auto tiles =
      torch::from_blob(pixels.data(), {kTileCount, kTileChannels, 26, 26}).narrow(2, 0, 24).narrow(3, 0, 24);
  // All nine patches of each tile are taken, so their order does not matter.
  const auto patches =
      torch::im2col(tiles, {8, 8}, {1, 1}, {0, 0}, {8, 8}).transpose(1, 2).reshape({-1, 192}).to(torch::kFloat64);
  EXPECT_TRUE(torch::allclose(statistics.mean, patches.mean(0), 1e-9, 1e-9));
  const auto centered = patches - patches.mean(0);
  EXPECT_TRUE(torch::allclose(statistics.covariance, centered.t().matmul(centered) / patches.size(0), 1e-6, 1e-9));
  EXPECT_EQ(statistics.pictures, 1);
  EXPECT_EQ(statistics.records, 1);
}

TEST(PatchStatistics, RefusePicturesOfOneColor) {
  const ScratchFolder folder;
  const auto mixture = mixture_of(folder, FUSION_SOURCE_DIR "/tests/data/pictures/one_pixel.png");
  EXPECT_THAT(error_of([&] { patch_statistics(*mixture, kSmallTower, 1); }), HasSubstr("more than one color"));
}

}  // namespace
}  // namespace fusion
