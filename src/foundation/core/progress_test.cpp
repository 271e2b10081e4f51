#include "foundation/core/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "foundation/core/units.h"

namespace fusion {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

class Progress : public testing::Test {
 protected:
  ProgressOptions options(bool terminal) {
    return {.label = "writing", .terminal = terminal, .amount = bytes_text, .interval = 0.1, .clock = [this] {
              return now_;
            }};
  }
  auto drawings() const {
    const std::string text = out_.str();
    return std::count(text.begin(), text.end(), '\r');
  }

  double now_ = 100;
  std::ostringstream out_;
};

TEST_F(Progress, ShowsShareAmountRateAndTimeLeft) {
  ProgressBar bar(out_, options(true));
  now_ += 2;
  bar.update(5'000'000, 20'000'000);
  EXPECT_THAT(out_.str(), HasSubstr("writing [####............]  25 %  5.00 MB of 20.0 MB  2.50 MB/s  6 s left"));
}

TEST_F(Progress, SaysNoRateBeforeThereIsOne) {
  ProgressBar bar(out_, options(true));
  now_ += 0.01;
  bar.update(0, 10);
  EXPECT_THAT(out_.str(), HasSubstr("  0 %  0 B of 10 B\x1b[K"));
}

TEST_F(Progress, DrawsAtMostOnceAnIntervalButAlwaysTheEnd) {
  ProgressBar bar(out_, options(true));
  for (int i = 0; i < 100; ++i) {
    bar.update(i, 100);
    now_ += 0.01;
  }
  EXPECT_LE(drawings(), 11);
  EXPECT_GE(drawings(), 9);
  const auto before = drawings();
  now_ = 101;
  bar.update(100, 100);
  EXPECT_EQ(drawings(), before + 1);
  EXPECT_THAT(out_.str(), HasSubstr("[################] 100 %  100 B of 100 B  100 B/s  in 1 s"));
  bar.finish();
  EXPECT_THAT(out_.str(), EndsWith("\n"));
}

TEST_F(Progress, IsSilentWithoutATerminal) {
  {
    ProgressBar bar(out_, options(false));
    bar.update(1, 2);
    bar.update(2, 2);
    bar.finish();
  }
  EXPECT_EQ(out_.str(), "");
}

TEST_F(Progress, ClearsItsLineWhenTheWorkEndsEarly) {
  {
    ProgressBar bar(out_, options(true));
    bar.update(1, 2);
  }
  EXPECT_THAT(out_.str(), EndsWith("\r\x1b[K"));
}

TEST_F(Progress, SurvivesNothingToDoAndTooMuchDone) {
  ProgressBar bar(out_, options(true));
  bar.update(0, 0);
  bar.update(7, 5);
  EXPECT_THAT(out_.str(), HasSubstr("100 %  0 B of 0 B"));
  EXPECT_THAT(out_.str(), HasSubstr("100 %  5 B of 5 B"));
  bar.finish();
  bar.update(5, 5);
  EXPECT_THAT(out_.str(), EndsWith("\n"));
}

}  // namespace
}  // namespace fusion
