#pragma once
// From the four global tiles to what the latent tokens start from and look back at (FUSION section 3.2).

#include <torch/types.h>

namespace fusion {

/// The four tiles' features put side by side into one picture.
/// \param tiles  [B, 4, P, D], row by row: top left, top right, bottom left, bottom right
/// \return [B, 4P, D], row-major over a grid of 2s x 2s, s = sqrt P
torch::Tensor join_tiles(const torch::Tensor& tiles);

/// Adaptive max pool of a square row-major grid to side x side. Cell i covers [floor(i n / side), ceil((i+1) n /
/// side)).
/// \param grid  [B, n*n, D]
/// \return [B, side*side, D]
torch::Tensor pool_grid(const torch::Tensor& grid, int64_t side);

/// Cuts pooled context into the window of each latent token: latent (y, x) owns the cells
/// [y w, (y+1) w) x [x w, (x+1) w), row-major.
/// \param context  [B, (g w)^2, D], g = sqrt q
/// \return [B, q, w*w, D]
torch::Tensor latent_windows(const torch::Tensor& context, int64_t window);

/// Bilinear resize of a square grid of image tokens, as FUSION-L does with the view's (align_corners false).
/// \param tokens  [B, n*n, D]
/// \return [B, height*width, D]
torch::Tensor resize_tokens(const torch::Tensor& tokens, int64_t height, int64_t width);

}  // namespace fusion
