#include "workflows/training/run_log/metrics_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "foundation/config/input_file.h"
#include "foundation/config/test_support.h"

namespace fusion {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

StepMetrics step_metrics(int64_t step) {
  return {.step = step,
          .epoch = 0.1 * static_cast<double>(step),
          .loss = 1.0 / static_cast<double>(step + 2),
          .loss_ce = 0.3,
          .loss_cos_instruct = 0.1,
          .loss_cos_vision = 1e-17,
          .learning_rate = 2e-5,
          .grad_norm = 1.5,
          .tokens = 4096,
          .samples = 8,
          .seconds = 0.25,
          .query_len = 64,
          .memory_bytes = int64_t{1} << 33};
}

std::string content(const MetricsLog& log) {
  return read_text_file(log.path(), 1 << 20);
}

/// A log of the steps 1 to `last`, and its path.
std::string write_steps(const ScratchFolder& folder, int64_t last) {
  MetricsLog log(folder.path(), 0);
  for (int64_t step = 1; step <= last; ++step) log.add(step_metrics(step));
  return log.path();
}

std::vector<int64_t> step_numbers(const std::string& path) {
  std::vector<int64_t> numbers;
  for (const StepMetrics& metrics : read_steps(path)) numbers.push_back(metrics.step);
  return numbers;
}

TEST(MetricsLog, ReadsBackWhatItWrote) {
  const ScratchFolder folder;
  MetricsLog log(folder.path(), 0, [] { return 1767225600.5; });
  log.start({{"world_size", 4}, {"step", 99}});
  StepMetrics bare = step_metrics(2);
  bare.loss_cos_instruct.reset();
  bare.grad_norm.reset();
  bare.query_len.reset();
  const ValidationMetrics validation{
      .step = 2, .loss = 0.1 + 0.2, .loss_ce = 1, .samples = 10, .seconds = 3, .exact_match = 0.5};
  log.add(step_metrics(1));
  log.add(bare);
  log.add(validation);
  log.note(2, "best so far");

  EXPECT_THAT(content(log), testing::StartsWith(R"({"kind":"start","step":0,"time":1767225600.5,"world_size":4})"
                                                "\n"
                                                R"({"kind":"step","step":1,"epoch":0.1,"loss":0.3333333333333333,)"));
  EXPECT_THAT(content(log), testing::EndsWith("{\"kind\":\"note\",\"step\":2,\"text\":\"best so far\"}\n"));
  const auto steps = read_steps(log.path());
  ASSERT_THAT(steps, SizeIs(2));
  EXPECT_THAT(differing_fields(steps[0], step_metrics(1)), IsEmpty());
  EXPECT_THAT(differing_fields(steps[1], bare), IsEmpty());
  const auto validations = read_validations(log.path());
  ASSERT_THAT(validations, SizeIs(1));
  EXPECT_THAT(differing_fields(validations[0], validation), IsEmpty());
}

TEST(MetricsLog, KeepsEveryBitOfADouble) {
  const ScratchFolder folder;
  MetricsLog log(folder.path(), 0);
  uint64_t bits = 0x9E3779B97F4A7C15;
  std::vector<double> written;
  for (int64_t step = 1; step <= 500; ++step) {
    bits = bits * 6364136223846793005u + 1442695040888963407u;
    StepMetrics metrics = step_metrics(step);
    metrics.loss = std::bit_cast<double>(bits & 0xBFFFFFFFFFFFFFFF);  // finite, of any size and sign
    written.push_back(metrics.loss);
    log.add(metrics);
  }
  std::vector<double> read;
  for (const StepMetrics& metrics : read_steps(log.path())) read.push_back(metrics.loss);
  EXPECT_EQ(read, written);
}

TEST(MetricsLog, WhatIsNoNumberIsAString) {
  const ScratchFolder folder;
  MetricsLog log(folder.path(), 0);
  StepMetrics metrics = step_metrics(1);
  metrics.loss = std::numeric_limits<double>::quiet_NaN();
  metrics.loss_ce = std::numeric_limits<double>::infinity();
  metrics.grad_norm = -std::numeric_limits<double>::infinity();
  log.add(metrics);
  EXPECT_THAT(content(log), HasSubstr(R"("loss":"nan","loss_ce":"inf",)"));
  EXPECT_THAT(content(log), HasSubstr(R"("grad_norm":"-inf")"));
  const StepMetrics read = read_steps(log.path()).at(0);
  EXPECT_TRUE(std::isnan(read.loss));
  EXPECT_EQ(read.loss_ce, metrics.loss_ce);
  EXPECT_EQ(read.grad_norm, metrics.grad_norm);
}

TEST(MetricsLog, ResumingCutsWhatWillBeComputedAgain) {
  const ScratchFolder folder;
  const ScratchFolder whole;
  const std::string uninterrupted = read_text_file(write_steps(whole, 8), 1 << 20);
  const std::string path = write_steps(folder, 6);
  {
    MetricsLog log(folder.path(), 6);
    log.add(ValidationMetrics{.step = 6});
    log.note(6, "left early");
  }
  MetricsLog log(folder.path(), 4);
  for (int64_t step = 5; step <= 8; ++step) log.add(step_metrics(step));
  EXPECT_EQ(read_text_file(path, 1 << 20), uninterrupted);
  EXPECT_EQ(folder.file_count(), 1u);
}

TEST(MetricsLog, WhatCannotBeReadBehindTheCheckpointIsCutToo) {
  const ScratchFolder folder;
  const std::string path = write_steps(folder, 4);
  const std::string text = read_text_file(path, 1 << 20);
  const std::string zeros(100, '\0');
  const std::string later = R"({"kind":"step","step":9})";
  for (const std::string& rest :
       {zeros, zeros + "\n", zeros + "\n" + later + "\n", zeros + later + "\n",
        std::string("{\"kind\":\"stp\",\"step\":5}\n"), std::string("12"), std::string("\n\n")}) {
    for (const int64_t step : {4, 3}) {
      folder.put(kMetricsFile, text + rest);
      const MetricsLog log(folder.path(), step);
      EXPECT_THAT(step_numbers(path), SizeIs(step)) << rest;
    }
  }
}

TEST(MetricsLog, WhatCannotBeReadUpToTheCheckpointIsRefused) {
  const ScratchFolder folder;
  const std::string damaged = read_text_file(write_steps(folder, 3), 1 << 20) + std::string(100, '\0') + "\n";
  folder.put(kMetricsFile, damaged);
  EXPECT_THAT(error_of([&] { const MetricsLog log(folder.path(), 4); }), HasSubstr("line 4"));
  EXPECT_EQ(read_text_file(folder / kMetricsFile, 1 << 20), damaged);
}

TEST(MetricsLog, BeginsAnewWithoutACheckpointAndKeepsTheStepsOfBefore) {
  const ScratchFolder folder;
  const std::string path = write_steps(folder, 3);
  write_steps(folder, 2);
  {
    const MetricsLog log(folder.path(), 0);
  }
  folder.put(kMetricsFile, "not of this form\n");
  {
    const MetricsLog log(folder.path(), 0);
  }
  EXPECT_THAT(step_numbers(folder / "metrics-1.jsonl"), SizeIs(3));
  EXPECT_THAT(step_numbers(folder / "metrics-2.jsonl"), SizeIs(2));
  EXPECT_EQ(read_text_file(folder / "metrics-3.jsonl", 1 << 20), "not of this form\n");
  EXPECT_EQ(read_text_file(path, 1 << 20), "");
  EXPECT_EQ(folder.file_count(), 4U);
}

TEST(MetricsLog, ALogWithoutStepsIsNotKept) {
  const ScratchFolder folder;
  for (int i = 0; i < 2; ++i) {
    MetricsLog log(folder.path(), 0, [] { return 0.5; });
    log.start({});
    log.note(0, "left out: a record");
  }
  EXPECT_EQ(folder.file_count(), 1U);
}

TEST(MetricsLog, AKilledRunAtAnyByteGoesOn) {
  const ScratchFolder folder;
  const std::string path = write_steps(folder, 3);
  const std::string text = read_text_file(path, 1 << 20);
  const size_t second_end = text.find('\n', text.find('\n') + 1) + 1;
  // Each is written to the disk and waited for: every fifth byte is enough but at the end.
  for (size_t cut = second_end; cut <= text.size(); cut += cut + 10 < text.size() ? 5 : 1) {
    folder.put(kMetricsFile, text.substr(0, cut));
    const bool whole = cut >= text.size() - 1;
    EXPECT_THAT(step_numbers(path), SizeIs(whole ? 3 : 2)) << cut;
    MetricsLog log(folder.path(), 2);
    log.add(step_metrics(3));
    ASSERT_EQ(content(log), text) << cut;
  }
}

TEST(MetricsLog, AWholeLineWithoutItsEndIsKept) {
  const ScratchFolder folder;
  const std::string path = write_steps(folder, 2);
  const std::string text = read_text_file(path, 1 << 20);
  folder.put(kMetricsFile, text.substr(0, text.size() - 1));
  MetricsLog log(folder.path(), 2);
  EXPECT_EQ(content(log), text);
}

TEST(MetricsLog, AFullDiskIsAnErrorAndLeavesWholeLines) {
  const ScratchFolder folder;
  MetricsLog log(folder.path(), 0);
  log.add(step_metrics(1));
  const std::string before = content(log);
  {
    const FileSizeLimit limit(before.size() + 20);
    EXPECT_THAT(error_of([&] { log.add(step_metrics(2)); }), HasSubstr("the disk is full"));
  }
  EXPECT_EQ(content(log), before);
  log.add(step_metrics(2));
  EXPECT_THAT(step_numbers(log.path()), ElementsAre(1, 2));
  {
    const FileSizeLimit limit(10);
    EXPECT_THAT(error_of([&] { const MetricsLog again(folder.path(), 1); }), HasSubstr("the disk is full"));
  }
  EXPECT_THAT(step_numbers(log.path()), ElementsAre(1, 2));
}

TEST(MetricsLog, RefusesAFolderThatIsNotThereAndAPipe) {
  const ScratchFolder folder;
  EXPECT_THAT(error_of([&] { const MetricsLog log(folder / "none", 0); }), HasSubstr("check that the folder exists"));
  EXPECT_THAT(error_of([&] { const MetricsLog log(folder / "none", 3); }), HasSubstr("check that the folder exists"));
  EXPECT_THAT(error_of([&] { read_steps(folder.path()); }), HasSubstr("expected a regular file"));
}

TEST(ReadSteps, NamesTheLineThatIsWrong) {
  const ScratchFolder folder;
  const std::string good = read_text_file(write_steps(folder, 1), 1 << 20);
  const auto error = [&](const std::string& text) {
    const std::string path = folder.put("a.jsonl", good + text);
    return error_of([&] { read_steps(path); });
  };
  EXPECT_THAT(error("{\"kind\":\"step\",\"st\n" + good), HasSubstr("a.jsonl, line 2: line 1, column"));
  EXPECT_THAT(error("[]\n"), HasSubstr("a.jsonl, line 2: expected a JSON object"));
  EXPECT_THAT(error("\n"), HasSubstr("line 2"));
  EXPECT_THAT(error("{\"step\":2}\n"), HasSubstr("expected a key 'kind'"));
  EXPECT_THAT(error("{\"kind\":\"stp\",\"step\":2}\n"), HasSubstr("expected one of start, step, validation, note"));
  EXPECT_THAT(error("{\"kind\":\"step\",\"step\":2}\n"), HasSubstr("expected a key 'epoch'"));
  EXPECT_THAT(error("{\"kind\":\"note\",\"step\":-2}\n"), HasSubstr("'step': expected an integer from 0"));
  EXPECT_THAT(error(good), HasSubstr("line 2: key 'step': expected a step after 1, got 1"));
  std::string more = good;
  more.insert(1, "\"los\":1,");
  EXPECT_THAT(error(more), HasSubstr("'los' (did you mean 'loss'?)"));
}

TEST(ReadSteps, NothingIsNoSteps) {
  const ScratchFolder folder;
  EXPECT_THAT(read_steps(folder.put("a.jsonl", "")), IsEmpty());
  EXPECT_THAT(read_validations(folder.put("a.jsonl", "{\"ki")), IsEmpty());
}

}  // namespace
}  // namespace fusion
