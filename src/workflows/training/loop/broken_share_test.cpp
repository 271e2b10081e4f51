#include "workflows/training/loop/broken_share.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "foundation/config/test_support.h"

namespace fusion {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(RequireFewBroken, ToleratesAShareAndAFewOfASmallNumber) {
  EXPECT_NO_THROW(require_few_broken(1000, 100, 0.1, {}));
  EXPECT_NO_THROW(require_few_broken(9, 9, 0.1, {}));
  EXPECT_NO_THROW(require_few_broken(8, 0, 0, {}));
  EXPECT_NO_THROW(require_few_broken(1000, 1000, 1, {}));
}

TEST(RequireFewBroken, SaysHowManyAndWhy) {
  EXPECT_THAT(error_of([] { require_few_broken(10, 10, 0.1, {"a.jsonl:1", "a.jsonl:2"}); }),
              AllOf(HasSubstr("at most 10 % broken records, got 10 of the 10 read so far"),
                    HasSubstr("a.jsonl:1; a.jsonl:2"), HasSubstr("fusion data check")));
  EXPECT_THAT(error_of([] { require_few_broken(1000, 101, 0.1, {}); }), HasSubstr("101 of the 1000"));
  EXPECT_THAT(error_of([] { require_few_broken(2, 1, 0, {}); }), HasSubstr("1 of the 2 read so far"));
}

}  // namespace
}  // namespace fusion
