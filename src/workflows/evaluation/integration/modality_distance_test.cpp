#include "workflows/evaluation/integration/modality_distance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "foundation/config/test_support.h"

namespace fusion {
namespace {

/// Rows of a normal distribution whose mean and covariance are exactly those given: standardised, then mapped.
torch::Tensor sample(int64_t rows, const torch::Tensor& mean, const torch::Tensor& deviations) {
  torch::manual_seed(3);
  auto values = torch::randn({rows, mean.size(0)}, torch::kFloat64);
  values = values - values.mean(0);
  const auto covariance = torch::matmul(values.t(), values) / (rows - 1);
  const auto whitened = torch::matmul(values, torch::linalg_inv(torch::linalg_cholesky(covariance)).t());
  return whitened * deviations + mean;
}

TEST(FrechetDistance, IsThatOfTheNormalDistributions) {
  const auto a = sample(50, torch::tensor({1.0, 2.0}, torch::kFloat64), torch::tensor({1.0, 3.0}, torch::kFloat64));
  const auto b = sample(80, torch::tensor({4.0, -2.0}, torch::kFloat64), torch::tensor({2.0, 1.0}, torch::kFloat64));
  // 3^2 + 4^2 between the means; (1 - 2)^2 + (3 - 1)^2 of the deviations, for both covariances are diagonal.
  EXPECT_NEAR(frechet_distance(a, b), 25 + 5, 1e-9);
  EXPECT_NEAR(frechet_distance(b, a), 30, 1e-9);
  EXPECT_NEAR(frechet_distance(a, a), 0, 1e-9);
}

TEST(FrechetDistance, CovariancesThatDoNotCommute) {
  const auto a = torch::tensor({{0.0, 0.0}, {2.0, 0.0}, {0.0, 1.0}}, torch::kFloat64);
  const auto b = torch::tensor({{0.0, 0.0}, {1.0, 1.0}, {0.0, 2.0}}, torch::kFloat64);
  // By numpy: |m|^2 + trace(A + B - 2 scipy.linalg.sqrtm(A @ B)).
  EXPECT_NEAR(frechet_distance(a, b), 1.15185470, 1e-7);
}

TEST(ModalityDistance, DoesNotDependOnTheScaleOfBoth) {
  torch::manual_seed(4);
  const auto pictures = torch::randn({60, 5}) + 1;
  const auto texts = torch::randn({70, 5});
  const double distance = modality_distance(pictures, texts);
  EXPECT_GT(distance, 0.1);
  EXPECT_NEAR(modality_distance(pictures * 7, texts * 7), distance, 1e-5 * distance);
}

TEST(ModalityDistance, OneStateFarAwayChangesLittle) {
  torch::manual_seed(5);
  const auto pictures = torch::randn({200, 4});
  const auto texts = torch::randn({200, 4});
  auto spiked = pictures.clone();
  spiked[17] = 1000;
  EXPECT_NEAR(modality_distance(spiked, texts), modality_distance(pictures, texts), 0.05);
  EXPECT_GT(frechet_distance(spiked, texts), 100);
}

TEST(ModalityDistance, RefusesWhatHasNoCovariance) {
  EXPECT_THAT(error_of([] { modality_distance(torch::ones({1, 3}), torch::ones({5, 3})); }),
              testing::HasSubstr("picture states: expected at least two vectors, [n, D], got shape 1x3"));
}

}  // namespace
}  // namespace fusion
