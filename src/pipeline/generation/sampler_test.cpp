#include "pipeline/generation/sampler.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>

#include "foundation/core/error.h"

namespace fusion {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::map<int64_t, int> draw(const SamplingOptions& options, const std::vector<float>& logits, int times) {
  Sampler sampler(options);
  std::map<int64_t, int> counts;
  for (int i = 0; i < times; ++i) ++counts[sampler.sample(logits)];
  return counts;
}

TEST(Sampler, GreedyTakesTheLikeliestAndTheLowestIdOfEquals) {
  Sampler sampler({});
  EXPECT_EQ(sampler.sample(std::vector<float>{0, 3, 1, 3}), 1);
  EXPECT_EQ(sampler.sample(std::vector<float>{kNan, -1, kNan}), 1);
}

TEST(Sampler, LogitsWithoutANumberAreAnError) {
  Sampler sampler({});
  EXPECT_THROW(sampler.sample(std::vector<float>{kNan, kNan}), Error);
  EXPECT_THROW(sampler.sample(std::vector<float>{}), Error);
}

TEST(Sampler, AnInfiniteLogitIsAnErrorUnlessItMeansNever) {
  for (const double temperature : {0.0, 1.0}) {
    Sampler sampler({.temperature = temperature});
    EXPECT_THROW(sampler.sample(std::vector<float>{0, kInfinity, 1}), Error);
    EXPECT_THROW(sampler.sample(std::vector<float>{-kInfinity, -kInfinity}), Error);
    EXPECT_EQ(sampler.sample(std::vector<float>{-kInfinity, 2, -kInfinity}), 1);
  }
}

TEST(Sampler, FrequenciesFollowTheSoftmax) {
  const std::vector<float> logits{std::log(1.0F), std::log(2.0F), std::log(5.0F)};
  const auto counts = draw({.temperature = 1, .seed = 7}, logits, 80000);
  EXPECT_NEAR(counts.at(0) / 80000.0, 0.125, 0.01);
  EXPECT_NEAR(counts.at(1) / 80000.0, 0.25, 0.01);
  EXPECT_NEAR(counts.at(2) / 80000.0, 0.625, 0.01);
}

TEST(Sampler, TopKAndTopPCutTheTail) {
  const std::vector<float> logits{0, 1, 2, 3};
  EXPECT_EQ(draw({.temperature = 5, .top_k = 2}, logits, 2000).size(), 2u);
  EXPECT_EQ(draw({.temperature = 5, .top_k = 0}, logits, 2000).size(), 4u);
  EXPECT_EQ(draw({.temperature = 1, .top_p = 0.5}, logits, 2000).size(), 1u);
  EXPECT_EQ(draw({.temperature = 1, .top_p = 0}, logits, 2000).size(), 1u);
}

TEST(Sampler, TheSameSeedRepeats) {
  const std::vector<float> logits{0, 0.5, 0.2, 0.9};
  Sampler a({.temperature = 1, .seed = 3}), b({.temperature = 1, .seed = 3});
  for (int i = 0; i < 100; ++i) EXPECT_EQ(a.sample(logits), b.sample(logits));
}

TEST(Sampler, OptionsOutOfRangeAreErrors) {
  EXPECT_THROW(Sampler({.temperature = -1}), Error);
  EXPECT_THROW(Sampler({.temperature = std::nan("")}), Error);
  EXPECT_THROW(Sampler({.top_p = 1.5}), Error);
  EXPECT_THROW(Sampler({.top_k = -3}), Error);
}

}  // namespace
}  // namespace fusion
