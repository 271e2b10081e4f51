#include "foundation/nn/rotary.h"

#include <gtest/gtest.h>

#include <cmath>

namespace fusion {
namespace {

torch::Tensor positions(int64_t n) {
  return torch::arange(n, torch::kInt64).unsqueeze(0);
}

RopeConfig phi35() {
  return {.scaling = RopeScaling::kLongRope,
          .head_dim = 4,
          .theta = 10000,
          .max_positions = 131072,
          .original_positions = 4096,
          .short_factors = {1.0, 1.0},
          .long_factors = {2.0, 4.0}};
}

double cos_at(const RotaryAngles& angles, int64_t position, int64_t pair) {
  return angles.cos[0][0][position][pair].item<double>();
}

TEST(Rotary, RotationKeepsLengthsAndDependsOnDistanceOnly) {
  RopeConfig config;
  config.head_dim = 8;
  config.theta = 10000;
  const auto angles = rotary_angles(config, positions(10), 10, torch::kFloat32);
  torch::manual_seed(3);
  const auto q = torch::randn({1, 1, 1, 8}).expand({-1, -1, 10, -1});
  const auto k = torch::randn({1, 1, 1, 8}).expand({-1, -1, 10, -1});
  const auto scores = torch::matmul(apply_rotary(q, angles), apply_rotary(k, angles).transpose(2, 3))[0][0];
  EXPECT_NEAR(scores[2][5].item<double>(), scores[4][7].item<double>(), 1e-5);
  EXPECT_NEAR(apply_rotary(q, angles).norm().item<double>(), q.norm().item<double>(), 1e-4);
}

TEST(Rotary, LongRopeScalesBothRegimesByThePublishedFactor) {
  const auto angles = rotary_angles(phi35(), positions(1), 100, torch::kFloat32);
  EXPECT_NEAR(cos_at(angles, 0, 0), 1.190238, 1e-6);  // sqrt(1 + ln 32 / ln 4096)
  EXPECT_NEAR(cos_at(rotary_angles(phi35(), positions(1), 5000, torch::kFloat32), 0, 0), 1.190238, 1e-6);
}

TEST(Rotary, LongRopeChoosesFactorsForTheWholeContext) {
  const double scale = std::sqrt(1.0 + std::log(32.0) / std::log(4096.0));
  EXPECT_NEAR(cos_at(rotary_angles(phi35(), positions(2), 4096, torch::kFloat32), 1, 0), scale * std::cos(1.0), 1e-6);
  EXPECT_NEAR(cos_at(rotary_angles(phi35(), positions(2), 4097, torch::kFloat32), 1, 0), scale * std::cos(0.5), 1e-6);
}

TEST(Rotary, Llama3StretchesOnlyLongWavelengths) {
  RopeConfig config;
  config.scaling = RopeScaling::kLlama3;
  config.head_dim = 128;
  config.theta = 500000;
  config.original_positions = 8192;
  config.factor = 8;
  config.low_freq_factor = 1;
  config.high_freq_factor = 4;
  const auto angles = rotary_angles(config, positions(2), 2, torch::kFloat32);
  EXPECT_NEAR(cos_at(angles, 1, 0), std::cos(1.0), 1e-6);  // wavelength 6: kept
  const double slowest = std::pow(500000.0, -126.0 / 128.0);
  const double sin_slowest = angles.sin[0][0][1][63].item<double>();
  EXPECT_NEAR(sin_slowest / std::sin(slowest / 8), 1.0, 1e-4);  // wavelength 2.5 million: stretched 8 times
}

}  // namespace
}  // namespace fusion
