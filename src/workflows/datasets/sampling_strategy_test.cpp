#include "workflows/datasets/sampling_strategy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "foundation/config/json_file.h"
#include "foundation/config/test_support.h"

namespace fusion {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<int64_t> kept(std::string_view strategy, int64_t n, uint64_t seed = 1) {
  return sampled_indices(parse_sampling_strategy(strategy, "mix.yaml"), n, seed);
}

TEST(SamplingStrategy, KeepsWhatTheReferenceKeeps) {
  const auto golden = read_json_file(FUSION_SOURCE_DIR "/parity/goldens/prompts/sampling.json");
  ASSERT_FALSE(golden["sampling"].empty());
  for (const auto& item : golden["sampling"]) {
    EXPECT_EQ(kept(item["strategy"].get<std::string>(), item["n"]), item["kept"].get<std::vector<int64_t>>())
        << item["strategy"];
  }
}

TEST(SamplingStrategy, PercentagesAreRoundedUpAndCountsEndAtAll) {
  EXPECT_EQ(kept("first:1%", 1).size(), 1u);
  EXPECT_EQ(kept("end:10%", 101).size(), 11u);
  EXPECT_EQ(kept("first:100%", 7).size(), 7u);
  EXPECT_EQ(kept("first:9", 7).size(), 7u);
  EXPECT_EQ(kept("random:9", 7).size(), 7u);
  EXPECT_TRUE(kept("random:50%", 0).empty());
  const SamplingStrategy most = parse_sampling_strategy("first:99%", "x");
  EXPECT_EQ(most.count_of(10'000'000'000), 9'900'000'000);
}

TEST(SamplingStrategy, RandomOnesDependOnTheSeedAlone) {
  EXPECT_THAT(kept("random:5", 20, 7), ElementsAre(2, 8, 14, 15, 19)) << "the same on every machine";
  EXPECT_EQ(kept("random:50", 1000, 3), kept("random:50", 1000, 3));
  EXPECT_NE(kept("random:50", 1000, 3), kept("random:50", 1000, 4));
  std::vector<int64_t> times(10);
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    const auto some = kept("random:30%", 10, seed);
    ASSERT_EQ(std::set<int64_t>(some.begin(), some.end()).size(), 3u);
    ASSERT_TRUE(std::ranges::is_sorted(some));
    for (const int64_t i : some) ++times[static_cast<size_t>(i)];
  }
  for (const int64_t count : times) EXPECT_NEAR(count, 600, 100);
}

TEST(SamplingStrategy, RefusesWhatIsNone) {
  const auto refusal = [](std::string_view text) {
    return error_of([&] { parse_sampling_strategy(text, "mix.yaml: data set 2"); });
  };
  for (const char* text : {"", "some", "First:3", "first", "all:3", "first:", "first:x", "first:-3", "first:1.5",
                           "first:3 ", "first:%", "first:1.5%", "first:3%%", "first:99999999999999999999"}) {
    EXPECT_THAT(refusal(text), AllOf(HasSubstr("mix.yaml: data set 2"), HasSubstr("first:N"))) << text;
  }
  EXPECT_THAT(refusal("end:0"), HasSubstr("it would take nothing"));
  EXPECT_THAT(refusal("random:0%"), HasSubstr("it would take nothing"));
  EXPECT_THAT(refusal("first:101%"), HasSubstr("more than all"));
}

}  // namespace
}  // namespace fusion
