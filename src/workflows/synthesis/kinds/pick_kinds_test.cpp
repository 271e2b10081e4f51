#include "workflows/synthesis/kinds/pick_kinds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>

#include "foundation/config/test_support.h"

namespace fusion {
namespace {

using testing::HasSubstr;

TEST(PickKinds, FollowsTheWeights) {
  const KindRegistry registry = KindRegistry::built_in();
  const KindChoice choice(registry, {{"Color", 3}, {"Count", 1}}, 1);
  std::map<std::string, int> counts;
  for (int64_t id = 0; id < 4000; ++id) ++counts[choice.pick_kinds(7, id).front()];
  EXPECT_NEAR(counts["Color"], 3000, 150);
  EXPECT_EQ(counts["Color"] + counts["Count"], 4000);
}

TEST(PickKinds, KindsOfTwoPicturesGoWithOneAnotherOnly) {
  const KindRegistry registry = KindRegistry::built_in();
  const KindChoice choice(registry, {}, 3);
  for (int64_t id = 0; id < 500; ++id) {
    const auto kinds = choice.pick_kinds(1, id);
    const int64_t pictures = registry.find(kinds.front()).pictures;
    EXPECT_EQ(kinds.size(), pictures == 2 ? 2U : 3U);  // there are two kinds that compare
    for (const std::string& kind : kinds) {
      EXPECT_EQ(registry.find(kind).pictures, pictures);
      EXPECT_EQ(std::count(kinds.begin(), kinds.end(), kind), 1);
    }
  }
}

TEST(PickKinds, IsAFunctionOfSeedAndItem) {
  const KindRegistry registry = KindRegistry::built_in();
  const KindChoice choice(registry, {}, 2);
  const KindChoice same(registry, {}, 2);
  int differing = 0;
  for (int64_t id = 50; id-- > 0;) {
    EXPECT_EQ(choice.pick_kinds(3, id), same.pick_kinds(3, id));
    differing += choice.pick_kinds(3, id) != choice.pick_kinds(4, id) ? 1 : 0;
  }
  EXPECT_GT(differing, 30);
}

TEST(PickKinds, RefusesWhatCannotBeDrawn) {
  const KindRegistry registry = KindRegistry::built_in();
  const auto refusal = [&registry](const std::vector<KindWeight>& weights, int64_t per_picture = 1) {
    return error_of([&] { KindChoice(registry, weights, per_picture); });
  };
  EXPECT_THAT(refusal({{"Colr", 1}}), HasSubstr("did you mean Color"));
  EXPECT_THAT(refusal({{"Color", 0}}), HasSubstr("above 0"));
  EXPECT_THAT(refusal({{"Color", std::numeric_limits<double>::infinity()}}), HasSubstr("above 0"));
  EXPECT_THAT(refusal({{"Color", 1}, {"Color", 2}}), HasSubstr("twice"));
  EXPECT_THAT(refusal({}, 0), HasSubstr("1 to 12"));
}

}  // namespace
}  // namespace fusion
