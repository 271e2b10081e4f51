#include "foundation/nn/rotary.h"

#include <cmath>
#include <numbers>

namespace fusion {

namespace {

/// theta^(2i/d) for i = 0 .. d/2 - 1.
torch::Tensor plain_wavelengths(const RopeConfig& config, const torch::TensorOptions& options) {
  const auto exponents = torch::arange(0, config.head_dim, 2, options) / static_cast<double>(config.head_dim);
  return torch::pow(config.theta, exponents);
}

/// The published LLaMA-3.1 rule: long wavelengths are stretched by `factor`, short ones kept, those between blended.
torch::Tensor llama3_frequencies(const RopeConfig& config, const torch::Tensor& frequencies) {
  const double context = static_cast<double>(config.original_positions);
  const auto wavelength = 2 * std::numbers::pi / frequencies;
  const auto blend =
      (context / wavelength - config.low_freq_factor) / (config.high_freq_factor - config.low_freq_factor);
  const auto blended = (1 - blend) * frequencies / config.factor + blend * frequencies;
  const auto stretched =
      torch::where(wavelength > context / config.low_freq_factor, frequencies / config.factor, frequencies);
  const auto between =
      (wavelength >= context / config.high_freq_factor) & (wavelength <= context / config.low_freq_factor);
  return torch::where(between, blended, stretched);
}

torch::Tensor frequencies_for(const RopeConfig& config, int64_t context_length, const torch::TensorOptions& options) {
  const auto wavelengths = plain_wavelengths(config, options);
  switch (config.scaling) {
    case RopeScaling::kNone:
      return 1.0 / wavelengths;
    case RopeScaling::kLlama3:
      return llama3_frequencies(config, 1.0 / wavelengths);
    case RopeScaling::kLongRope: {
      const bool extended = context_length > config.original_positions;
      const auto factors = torch::tensor(extended ? config.long_factors : config.short_factors, options);
      return 1.0 / (factors * wavelengths);
    }
  }
  return {};
}

/// The factor on cos and sin that makes up for the flatter attention of a stretched context (long rope only).
double attention_factor(const RopeConfig& config) {
  if (config.scaling != RopeScaling::kLongRope) return 1.0;
  const double stretch = static_cast<double>(config.max_positions) / static_cast<double>(config.original_positions);
  if (stretch <= 1.0) return 1.0;
  return std::sqrt(1.0 + std::log(stretch) / std::log(static_cast<double>(config.original_positions)));
}

}  // namespace

RotaryAngles rotary_angles(const RopeConfig& config, const torch::Tensor& position_ids, at::IntArrayRef context_lengths,
                           torch::ScalarType dtype) {
  const auto options = torch::TensorOptions().dtype(torch::kFloat32).device(position_ids.device());
  std::vector<torch::Tensor> frequencies;
  for (const int64_t length : context_lengths) frequencies.push_back(frequencies_for(config, length, options));
  const auto of_rows = torch::stack(frequencies).unsqueeze(1);                 // [B or 1, 1, head_dim / 2]
  const auto half = position_ids.to(torch::kFloat32).unsqueeze(-1) * of_rows;  // [B, S, head_dim / 2]
  const auto angles = torch::cat({half, half}, -1).unsqueeze(1);               // [B, 1, S, head_dim]
  const double factor = attention_factor(config);
  return {(angles.cos() * factor).to(dtype), (angles.sin() * factor).to(dtype)};
}

torch::Tensor apply_rotary(const torch::Tensor& x, const RotaryAngles& angles) {
  const auto halves = x.chunk(2, -1);
  return x * angles.cos + torch::cat({-halves[1], halves[0]}, -1) * angles.sin;
}

}  // namespace fusion
