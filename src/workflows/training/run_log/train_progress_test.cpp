#include "workflows/training/run_log/train_progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <sstream>

namespace fusion {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

StepMetrics metrics_of_step(int64_t step) {
  return {.step = step,
          .loss = 2.1346,
          .loss_ce = 2.0812,
          .loss_cos_instruct = 0.03,
          .loss_cos_vision = 0.0234,
          .learning_rate = 2e-5,
          .tokens = 5210,
          .samples = 41,
          .seconds = 1,
          .memory_bytes = 3'210'000'000};
}

class TrainProgressLine : public testing::Test {
 protected:
  TrainProgressOptions options(bool terminal) {
    return {.total_steps = 2000, .terminal = terminal, .plain_interval = 30, .columns = {}, .clock = [this] {
              return now_;
            }};
  }

  double now_ = 100;
  std::ostringstream out_;
};

TEST_F(TrainProgressLine, ShowsEverything) {
  TrainProgress progress(out_, options(true));
  now_ += 500;
  progress.update(metrics_of_step(500));
  EXPECT_EQ(out_.str(),
            "\rstep [####............]  25 %  500 of 2,000  25 min 00 s left  loss 2.135  5.21 k tokens/s  "
            "41 samples/s  lr 2.00e-05  ce 2.081  instruct 0.030  vision 0.023  3.21 GB\x1b[K");
}

TEST_F(TrainProgressLine, ANarrowTerminalShowsTheLoss) {
  TrainProgressOptions narrow = options(true);
  narrow.columns = [] { return 80; };
  TrainProgress progress(out_, narrow);
  now_ += 500;
  progress.update(metrics_of_step(500));
  EXPECT_THAT(out_.str(), EndsWith("25 min 00 s left  loss 2.135\x1b[K"));
}

TEST_F(TrainProgressLine, PlainLinesComeEveryHalfMinute) {
  TrainProgress progress(out_, options(false));
  for (int64_t step = 1; step <= 2000; ++step) {
    now_ += 0.125;
    progress.update(metrics_of_step(step));
  }
  progress.say("done");
  progress.finish();
  const std::string text = out_.str();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 11);  // the first step, 30 s later ... 240 s, the last, "done"
  EXPECT_THAT(text, HasSubstr("step  48 %  961 of 2,000  2 min 10 s left  loss 2.135  "));
  EXPECT_THAT(text, HasSubstr("step 100 %  2,000 of 2,000  in 4 min 10 s  loss 2.135  "));
  EXPECT_THAT(text, EndsWith("3.21 GB\ndone\n"));
  EXPECT_THAT(text, Not(HasSubstr("\r")));
}

TEST_F(TrainProgressLine, RatesFollowTheLastSteps) {
  TrainProgress progress(out_, options(true));
  StepMetrics metrics = metrics_of_step(1);
  metrics.tokens = 1'000'000;
  progress.update(metrics);
  for (int64_t step = 2; step < 200; ++step) {
    metrics = metrics_of_step(step);
    metrics.samples = 1;
    metrics.tokens = 300;
    metrics.seconds = 3;
    now_ += metrics.seconds;
    out_.str("");
    progress.update(metrics);
  }
  EXPECT_THAT(out_.str(), HasSubstr("  100 tokens/s  0.333 samples/s  "));
}

TEST_F(TrainProgressLine, AResumedRunCountsItsOwnSteps) {
  TrainProgressOptions resumed = options(true);
  resumed.resume_step = 1000;
  TrainProgress progress(out_, resumed);
  now_ += 10;
  progress.update(metrics_of_step(1010));
  EXPECT_THAT(out_.str(), HasSubstr("1,010 of 2,000  16 min 30 s left"));
}

TEST_F(TrainProgressLine, WhatIsMissingOrNoNumberIsShownAsSuch) {
  TrainProgress progress(out_, options(true));
  StepMetrics metrics = metrics_of_step(1);
  metrics.loss = std::nan("");
  metrics.loss_cos_instruct.reset();
  metrics.seconds = 0;
  progress.update(metrics);
  EXPECT_THAT(out_.str(), HasSubstr("  loss nan  lr 2.00e-05  ce 2.081  vision 0.023  "));
}

}  // namespace
}  // namespace fusion
