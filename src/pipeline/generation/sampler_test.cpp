#include "pipeline/generation/sampler.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>

#include "foundation/config/json_file.h"
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

TEST(Sampler, EqualTokensAtTheBorderOfTopKAllStay) {
  EXPECT_EQ(draw({.temperature = 1, .top_k = 2}, {3, 1, 1, 0}, 2000).size(), 3u);
}

TEST(Sampler, MinPIsAShareOfTheLikeliest) {
  const std::vector<float> logits{0, std::log(0.5F), std::log(0.2F), std::log(0.1F)};
  const auto size = [&](double min_p) { return Sampler({.temperature = 1, .min_p = min_p}).candidates(logits).size(); };
  EXPECT_EQ(size(0), 4u);
  EXPECT_EQ(size(0.15), 3u);
  EXPECT_EQ(size(0.3), 2u);
  EXPECT_EQ(size(1), 1u);
}

TEST(Sampler, APenaltyMovesGreedyAnswersOn) {
  Sampler sampler({.repetition_penalty = 2});
  const std::vector<float> logits{3, 2, -1, -1.5};
  EXPECT_EQ(sampler.sample(logits), 0);
  EXPECT_EQ(sampler.sample(logits), 1);  // 1.5 2 -1 -1.5
  EXPECT_EQ(sampler.sample(logits), 0);  // 1.5 1 -1 -1.5
  Sampler negative({.repetition_penalty = 2});
  const std::vector<float> below{-3, -2};
  EXPECT_EQ(negative.sample(below), 1);
  EXPECT_EQ(negative.sample(below), 0);  // -3 -4
}

/// A sampler that has said these tokens.
Sampler after_saying(const SamplingOptions& options, const std::vector<int64_t>& said, size_t vocabulary) {
  Sampler sampler(options);
  for (const int64_t id : said) {
    std::vector<float> only(vocabulary, -kInfinity);
    only[static_cast<size_t>(id)] = 0;
    EXPECT_EQ(sampler.sample(only), id);
  }
  return sampler;
}

TEST(Sampler, DrawsFromWhatTransformersDrawsFrom) {
  const auto golden = read_json_file(std::string(FUSION_SOURCE_DIR) + "/tests/data/sampling/sampling.json");
  const auto logits = golden["logits"].get<std::vector<float>>();
  ASSERT_GT(golden["cases"].size(), 30u);
  for (const auto& one : golden["cases"]) {
    const auto& limits = one["limits"];
    const SamplingOptions options{.temperature = limits["temperature"],
                                  .top_k = limits["top_k"],
                                  .top_p = limits["top_p"],
                                  .min_p = limits["min_p"],
                                  .repetition_penalty = limits["repetition_penalty"]};
    const auto pool = after_saying(options, golden["said"], logits.size()).candidates(logits);
    double total = 0;
    for (const Candidate& candidate : pool) total += candidate.weight;
    std::map<int64_t, double> drawn;
    for (const Candidate& candidate : pool) drawn[candidate.id] = candidate.weight / total;
    const auto ids = one["ids"].get<std::vector<int64_t>>();
    ASSERT_EQ(drawn.size(), ids.size()) << limits;
    for (size_t i = 0; i < ids.size(); ++i) {
      const double expected = one["probabilities"][i];
      ASSERT_TRUE(drawn.contains(ids[i])) << limits << ": " << ids[i];
      EXPECT_NEAR(drawn[ids[i]], expected, 1e-5 * expected) << limits << ": " << ids[i];
    }
  }
}

TEST(Sampler, FrequenciesFollowTheCandidates) {
  const std::vector<float> logits{2, 1.5, 1, 0.5, 0, -3};
  const SamplingOptions options{.temperature = 0.8, .top_k = 5, .top_p = 0.95, .min_p = 0.1, .seed = 11};
  const auto pool = Sampler(options).candidates(logits);
  double total = 0;
  for (const Candidate& candidate : pool) total += candidate.weight;
  constexpr int kTimes = 40000;
  const auto counts = draw(options, logits, kTimes);
  ASSERT_EQ(counts.size(), pool.size());
  for (const Candidate& candidate : pool) {
    EXPECT_NEAR(counts.at(candidate.id) / double{kTimes}, candidate.weight / total, 0.01);
  }
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
  EXPECT_THROW(Sampler({.min_p = 1.01}), Error);
  EXPECT_THROW(Sampler({.repetition_penalty = 0}), Error);
}

}  // namespace
}  // namespace fusion
