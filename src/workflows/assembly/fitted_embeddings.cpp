#include "workflows/assembly/fitted_embeddings.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/cos.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/linalg_eigh.h>
#include <ATen/ops/linalg_qr.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/sin.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <numbers>
#include <numeric>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "foundation/core/error.h"
#include "foundation/core/random_source.h"
#include "foundation/core/text.h"
#include "pipeline/preprocess/decode.h"
#include "pipeline/preprocess/tiles.h"

namespace fusion {

namespace {

constexpr int64_t kMostPictures = 600;
constexpr int64_t kMostPatches = 64;  // of a tile
constexpr double kDamping = 1e-4;     // of the total variance
constexpr double kPositionRange = 0.5;

/// [count, d]: some patches of every tile, as the convolution meets them; what is beyond whole patches is left out.
torch::Tensor patches_of(const TileSet& tiles, const TileOptions& options, int64_t patch, RandomSource& random) {
  std::vector<float> pixels = normalise(tiles, options);
  const int64_t side = options.tile_size / patch;
  const auto all = at::from_blob(pixels.data(), {kTileCount, kTileChannels, options.tile_size, options.tile_size})
                       .narrow(2, 0, side * patch)
                       .narrow(3, 0, side * patch)
                       .unfold(2, patch, patch)
                       .unfold(3, patch, patch)
                       .permute({0, 2, 3, 1, 4, 5})
                       .reshape({kTileCount, side * side, kTileChannels * patch * patch});
  std::vector<int64_t> places(static_cast<size_t>(side * side));
  std::iota(places.begin(), places.end(), 0);
  random.shuffle(std::span<int64_t>(places));
  places.resize(std::min(places.size(), static_cast<size_t>(kMostPatches)));
  return all.index_select(1, torch::tensor(places)).reshape({-1, all.size(2)}).to(torch::kFloat64);
}

/// [rows, columns], rows >= columns: columns of length 1 at right angles to each other.
torch::Tensor random_directions(int64_t rows, int64_t columns, uint64_t seed) {
  const auto drawn = at::randn({rows, columns}, at::detail::createCPUGenerator(seed), torch::kFloat64);
  return std::get<0>(at::linalg_qr(drawn));
}

}  // namespace

PatchStatistics patch_statistics(const Mixture& mixture, const VisionConfig& config, uint64_t seed,
                                 const std::function<void(uint64_t done, uint64_t total)>& on_progress) {
  const TileOptions options{.tile_size = config.image_size, .mean = config.image_mean, .std = config.image_std};
  const int64_t width = kTileChannels * config.patch_size * config.patch_size;
  auto sum = at::zeros({width}, torch::kFloat64);
  auto products = at::zeros({width, width}, torch::kFloat64);
  int64_t count = 0;
  int64_t pictures = 0;
  std::string first_error;
  RandomSource random(seed);
  const int64_t taken = std::min(kMostPictures, mixture.size());
  for (int64_t i = 0; i < taken; ++i) {
    try {
      const Record record = mixture.record(i * mixture.size() / taken);
      if (record.image) {
        const TileSet tiles = make_tiles(load_picture(mixture.picture_path(record), {}), options);
        const auto patches = patches_of(tiles, options, config.patch_size, random);
        sum += patches.sum(0);
        products.addmm_(patches.t(), patches);
        count += patches.size(0);
        ++pictures;
      }
    } catch (const Error& error) {
      if (first_error.empty()) first_error = error.what();
    }
    if (on_progress) on_progress(static_cast<uint64_t>(i + 1), static_cast<uint64_t>(taken));
  }
  if (count == 0) {
    throw Error({.who = "the pictures to fit a vision tower to",
                 .expected = "records with pictures that can be read",
                 .got = cat("none among ", taken, " of ", mixture.size(), " records"),
                 .cause = first_error,
                 .hint = "`fusion data check` says what is wrong with each"});
  }
  const auto mean = sum / static_cast<double>(count);
  const auto covariance = products / static_cast<double>(count) - mean.outer(mean);
  constexpr double kLeastVariance = 1e-8;
  if (!(covariance.trace().item<double>() > kLeastVariance)) {
    throw Error({.who = "the pictures to fit a vision tower to",
                 .expected = "pictures of more than one color",
                 .got = cat(pictures, " whose patches are all alike"),
                 .hint = "leave --pictures out: random embeddings need none"});
  }
  return {.mean = mean, .covariance = covariance, .pictures = pictures, .records = taken};
}

WhiteningFilters whitening_filters(const PatchStatistics& statistics, int64_t width, uint64_t seed) {
  const auto [variances, directions] = at::linalg_eigh(statistics.covariance);
  const int64_t size = variances.size(0);
  const int64_t kept = std::min(width, size);
  // In ascending order.
  const auto largest = variances.narrow(0, size - kept, kept).clamp_min(0);
  const double damping = kDamping * variances.sum().item<double>();
  const auto components = directions.narrow(1, size - kept, kept) / (largest + damping).sqrt();
  const auto weight = random_directions(width, kept, seed).matmul(components.t());
  return {.weight = weight.to(torch::kFloat32), .bias = -weight.matmul(statistics.mean).to(torch::kFloat32)};
}

torch::Tensor wave_positions(int64_t side, int64_t width, uint64_t seed) {
  if (side == 1) return at::zeros({1, width});  // nowhere else to be
  const int64_t frequencies = std::max<int64_t>(1, width / 8);
  const auto along = (at::arange(side, torch::kFloat64) + 0.5) / static_cast<double>(side);
  const auto periods = (at::arange(frequencies, torch::kFloat64) + 1) / 4;
  const auto phase = along.outer(periods) * (2 * std::numbers::pi);
  const auto waves = at::cat({phase.cos(), phase.sin()}, 1);  // [side, 2 * frequencies]
  const auto rows = waves.unsqueeze(1).expand({side, side, -1});
  const auto columns = waves.unsqueeze(0).expand({side, side, -1});
  auto places = at::cat({rows, columns}, 2).reshape({side * side, -1});
  places = places - places.mean(0, /*keepdim=*/true);
  places =
      places.matmul(random_directions(std::max(width, places.size(1)), places.size(1), seed).narrow(0, 0, width).t());
  return (places * (kPositionRange / places.std())).to(torch::kFloat32);
}

}  // namespace fusion
