#include "pipeline/connector/global_context.h"

#include <cmath>
#include <tuple>

namespace fusion {

namespace {

int64_t side_of(int64_t cells) {
  return std::llround(std::sqrt(static_cast<double>(cells)));
}

/// [B, n*n, D] -> [B, D, n, n]
torch::Tensor as_picture(const torch::Tensor& grid) {
  const int64_t side = side_of(grid.size(1));
  return grid.unflatten(1, {side, side}).permute({0, 3, 1, 2});
}

/// [B, D, h, w] -> [B, h*w, D]
torch::Tensor as_tokens(const torch::Tensor& picture) {
  return picture.flatten(2).transpose(1, 2);
}

}  // namespace

torch::Tensor join_tiles(const torch::Tensor& tiles) {
  const int64_t side = side_of(tiles.size(2));
  return tiles.unflatten(1, {2, 2})
      .unflatten(3, {side, side})   // [B, tile row, tile column, s, s, D]
      .permute({0, 1, 3, 2, 4, 5})  // [B, tile row, s, tile column, s, D]
      .flatten(1, 4);               // [B, 4P, D]
}

torch::Tensor pool_grid(const torch::Tensor& grid, int64_t side) {
  return as_tokens(std::get<0>(torch::adaptive_max_pool2d(as_picture(grid), {side, side})));
}

torch::Tensor latent_windows(const torch::Tensor& context, int64_t window) {
  const int64_t latents = side_of(context.size(1)) / window;
  return context
      .unflatten(1, {latents, window, latents, window})  // [B, y, dy, x, dx, D]
      .permute({0, 1, 3, 2, 4, 5})                       // [B, y, x, dy, dx, D]
      .flatten(3, 4)
      .flatten(1, 2);  // [B, q, w*w, D]
}

torch::Tensor resize_tokens(const torch::Tensor& tokens, int64_t height, int64_t width) {
  return as_tokens(torch::upsample_bilinear2d(as_picture(tokens), {height, width}, /*align_corners=*/false));
}

}  // namespace fusion
