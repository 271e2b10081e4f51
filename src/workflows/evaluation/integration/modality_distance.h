#pragma once
// How far apart two clouds of vectors lie, as the Modality Integration Rate measures it (arXiv 2410.07167,
// section 3.2).

#include <torch/types.h>

namespace fusion {

/// Fréchet distance of two samples, taken for normal: of the distributions with their means and covariances,
/// |mean a - mean b|^2 + tr(A + B - 2 (A B)^(1/2)). Computed in float64.
/// \param a, b  [n, D] and [m, D], at least two rows each; an Error otherwise
double frechet_distance(const torch::Tensor& a, const torch::Tensor& b);

/// The distance of a layer's picture states from its text states: both are divided by the mean length of the text
/// states, and a state whose length is more than three standard deviations from the median becomes the median state.
/// \param pictures, texts  as above
double modality_distance(const torch::Tensor& pictures, const torch::Tensor& texts);

}  // namespace fusion
