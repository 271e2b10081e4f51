#include "foundation/core/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

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
    bar.say("a word");
    bar.finish();
  }
  EXPECT_EQ(out_.str(), "");
}

TEST_F(Progress, WritesPlainLinesFromTimeToTime) {
  ProgressOptions plain = options(false);
  plain.plain_interval = 30;
  ProgressBar bar(out_, plain);
  for (int done = 0; done < 100; ++done) {
    bar.update(done, 100);
    now_ += 1;
  }
  bar.say("a word");
  bar.update(100, 100);
  bar.finish();
  EXPECT_EQ(out_.str(),
            "writing   0 %  0 B of 100 B\n"
            "writing  30 %  30 B of 100 B  1 B/s  1 min 10 s left\n"
            "writing  60 %  60 B of 100 B  1 B/s  40 s left\n"
            "writing  90 %  90 B of 100 B  1 B/s  10 s left\n"
            "a word\n"
            "writing 100 %  100 B of 100 B  1 B/s  in 1 min 40 s\n");
}

TEST_F(Progress, PartsThatDoNotFitAreLeftOut) {
  ProgressOptions narrow = options(true);
  narrow.rate = false;
  int columns = 80;
  narrow.columns = [&] { return columns; };
  ProgressBar bar(out_, narrow);
  now_ += 2;
  const std::vector<std::string> parts = {"loss 2.5", std::string(100, 'x'), "lr 1"};
  bar.update(1, 4, parts);
  EXPECT_EQ(out_.str(), "\rwriting [####............]  25 %  1 B of 4 B  6 s left  loss 2.5  lr 1\x1b[K");
  out_.str("");
  columns = 20;
  now_ += 2;
  bar.update(2, 4, parts);
  EXPECT_EQ(out_.str(), "\rwriting [########..\x1b[K");
}

TEST_F(Progress, WhatWasDoneBeforeSaysNothingOfTheRate) {
  ProgressOptions resumed = options(true);
  resumed.already = 90;
  ProgressBar bar(out_, resumed);
  now_ += 2;
  bar.update(90, 100);
  EXPECT_THAT(out_.str(), EndsWith("90 B of 100 B\x1b[K"));
  now_ += 2;
  bar.update(92, 100);
  EXPECT_THAT(out_.str(), EndsWith("92 B of 100 B  0 B/s  16 s left\x1b[K"));
}

TEST_F(Progress, SaysALineAboveTheBar) {
  ProgressBar bar(out_, options(true));
  bar.say("the first word");
  EXPECT_EQ(out_.str(), "the first word\n");
  bar.update(1, 2);
  out_.str("");
  bar.say("a word");
  EXPECT_EQ(out_.str(), "\ra word\x1b[K\nwriting [########........]  50 %  1 B of 2 B\x1b[K");
  bar.finish();
  bar.say("too late");
  EXPECT_THAT(out_.str(), EndsWith("2 B\x1b[K\n"));
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
