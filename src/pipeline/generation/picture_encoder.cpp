#include "pipeline/generation/picture_encoder.h"

#include <torch/types.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <optional>
#include <random>
#include <string>
#include <utility>

#include "pipeline/connector/global_context.h"
#include "pipeline/preprocess/tiles.h"

namespace fusion {

namespace {

constexpr int64_t kGlobalTiles = 4;
const std::string kNothingKey = "nothing";

template <class T>
void append_bytes(std::string& key, const T& value) {
  key.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// Names a picture by its pixels. The seed is the process's own, so that nobody can make two pictures of one name.
std::string picture_key(const Picture& picture, uint64_t seed) {
  std::string key = "tiles";
  append_bytes(key, picture.width);
  append_bytes(key, picture.height);
  append_bytes(key, picture.mode);
  append_bytes(key, XXH3_128bits_withSeed(picture.pixels.data(), picture.pixels.size(), seed));
  append_bytes(key, XXH3_128bits_withSeed(picture.palette.data(), picture.palette.size(), seed));
  return key;
}

std::string view_key(const std::string& picture, const std::vector<int64_t>& instruct_ids) {
  std::string key = "view" + picture;
  for (const int64_t id : instruct_ids) append_bytes(key, id);
  return key;
}

}  // namespace

/// A picture and what is known of it.
struct PictureEncoder::Job {
  const Picture* picture;
  std::string grid_key;
  std::string view_key;
  std::optional<torch::Tensor> grid;
  std::optional<torch::Tensor> image_tokens;

  int64_t missing_tiles() const { return (grid ? 0 : kGlobalTiles) + (image_tokens ? 0 : 1); }
};

PictureEncoder::PictureEncoder(std::shared_ptr<FusionModelImpl> model, uint64_t cache_bytes)
    : model_(std::move(model)), cache_(cache_bytes), hash_seed_(std::random_device()()) {}

SeenPictures PictureEncoder::look(std::span<const Picture* const> pictures, const std::vector<int64_t>& instruct_ids,
                                  const std::function<void(int64_t, int64_t)>& before_tile) const {
  const torch::NoGradGuard no_grad;
  std::vector<Job> jobs;       // one for all pictures of the same pixels
  std::vector<size_t> job_of;  // of each picture
  int64_t total = 0;
  for (const Picture* picture : pictures) {
    Job job = plan(*picture, instruct_ids);
    const auto same = std::ranges::find(jobs, job.grid_key, &Job::grid_key);
    job_of.push_back(static_cast<size_t>(same - jobs.begin()));
    if (same != jobs.end()) continue;
    total += job.missing_tiles();
    jobs.push_back(std::move(job));
  }
  const auto ids = torch::tensor(instruct_ids, torch::kInt64).unsqueeze(0).to(model_->options().device());
  const auto id_count = torch::full({1}, ids.size(1), ids.options());

  SeenPictures seen;
  for (Job& job : jobs) {
    const auto pixels = job.missing_tiles() > 0 ? pixels_of(*job.picture) : torch::Tensor();  // [5, 3, S, S]
    if (!job.image_tokens) {
      before_tile(seen.encoded_tiles++, total);
      const auto view = model_->look_at_view(
          {.pixels = pixels.slice(0, kGlobalTiles), .instruct_ids = ids, .instruct_lengths = id_count},
          /*with_pairs=*/false);
      job.image_tokens = view.image_tokens[0].clone();  // without the question's own features behind them
      cache_.insert(job.view_key, *job.image_tokens);
    }
    if (!job.grid) {
      std::vector<torch::Tensor> tiles;
      for (int64_t i = 0; i < kGlobalTiles; ++i) {
        before_tile(seen.encoded_tiles++, total);
        tiles.push_back(model_->look_at_tiles(pixels.slice(0, i, i + 1)));
      }
      job.grid = join_tiles(torch::stack(tiles, 1))[0];
      cache_.insert(job.grid_key, *job.grid);
    }
  }
  for (const size_t i : job_of) {
    seen.pictures.push_back({.image_tokens = *jobs[i].image_tokens, .grid = *jobs[i].grid});
  }
  return seen;
}

SeenPictures PictureEncoder::look_at_nothing(const std::function<void(int64_t, int64_t)>& before_tile) const {
  const torch::NoGradGuard no_grad;
  const FusionConfig& config = model_->config();
  SeenPictures seen;
  auto grid = config.has_latents() ? cache_.find(kNothingKey) : no_grid();
  if (!grid) {
    before_tile(seen.encoded_tiles++, 1);
    const int64_t side = config.vision.image_size;
    const auto tile = model_->look_at_tiles(torch::zeros({1, kTileChannels, side, side}, model_->options()));
    grid = join_tiles(tile.unsqueeze(1).expand({-1, kGlobalTiles, -1, -1}))[0];
    cache_.insert(kNothingKey, *grid);
  }
  const auto unused = torch::zeros({config.num_image_tokens(), config.decoder.hidden_size}, model_->options());
  seen.pictures.push_back({.image_tokens = unused, .grid = *grid});
  return seen;
}

PictureEncoder::Job PictureEncoder::plan(const Picture& picture, const std::vector<int64_t>& instruct_ids) const {
  check_picture(picture);
  Job job{.picture = &picture,
          .grid_key = picture_key(picture, hash_seed_),
          .view_key = {},
          .grid = {},
          .image_tokens = {}};
  job.view_key = view_key(job.grid_key, instruct_ids);
  job.grid = model_->config().has_latents() ? cache_.find(job.grid_key) : no_grid();
  job.image_tokens = cache_.find(job.view_key);
  return job;
}

/// Without latent tokens nothing looks back at the tiles.
torch::Tensor PictureEncoder::no_grid() const {
  return torch::empty({0, model_->config().decoder.hidden_size}, model_->options());
}

torch::Tensor PictureEncoder::pixels_of(const Picture& picture) const {
  const VisionConfig& vision = model_->config().vision;
  const int64_t side = vision.image_size;
  const TileOptions options{.tile_size = side, .mean = vision.image_mean, .std = vision.image_std};
  auto values = normalise(make_tiles(picture, options), options);
  return torch::from_blob(values.data(), {kTileCount, kTileChannels, side, side})
      .to(model_->options(), /*non_blocking=*/false, /*copy=*/true);
}

}  // namespace fusion
