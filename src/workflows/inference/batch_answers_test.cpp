#include "workflows/inference/batch_answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "foundation/config/test_support.h"
#include "foundation/core/text.h"
#include "workflows/assembly/init_checkpoint.h"
#include "workflows/inference/answer_bench.h"

namespace fusion {
namespace {

using testing::HasSubstr;

std::vector<nlohmann::json> records_in(const std::string& path) {
  std::ifstream file(path);
  std::vector<nlohmann::json> records;
  for (std::string line; std::getline(file, line);) records.push_back(nlohmann::json::parse(line));
  return records;
}

class BatchTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    model_ = std::make_unique<ScratchFolder>();
    init_checkpoint(find_preset("nano"), *model_ / "nano", {.seed = 6});
    assistant_ = std::make_unique<Assistant>(*model_ / "nano", AssistantOptions{});
  }
  static void TearDownTestSuite() {
    assistant_.reset();
    model_.reset();
  }

  BatchOptions options(int64_t batch_size) const {
    return {.blank = {.turns = {}, .query_len = 4, .generation = {.max_new_tokens = 3}},
            .picture_folder = FUSION_SOURCE_DIR "/examples",
            .batch_size = batch_size};
  }

  BatchReport run(const std::string& lines, ExistingLog existing, int64_t batch_size = 1,
                  const AnswerListener& listener = {}) {
    std::istringstream in(lines);
    AnswerLog log(out_, existing);
    return answer_lines(*assistant_, in, log, options(batch_size), listener);
  }

  static inline std::unique_ptr<ScratchFolder> model_;
  static inline std::unique_ptr<Assistant> assistant_;
  ScratchFolder folder_;
  std::string out_ = folder_ / "answers.jsonl";
};

const std::string kThree =
    "{\"id\": \"a\", \"image\": \"cat.jpg\", \"question\": \"What?\"}\n"
    "{\"question\": \"Nothing to see?\"}\n"
    "{\"image\": [\"cat.jpg\", \"coffee.jpg\"], \"conversations\": ["
    "{\"from\": \"human\", \"value\": \"<image>\\nWhat?\"}, {\"from\": \"gpt\", \"value\": \"A cat.\"}, "
    "{\"from\": \"human\", \"value\": \"<image>\\nAnd this?\"}]}\n";

TEST_F(BatchTest, AnswersAreTheSameInEveryBatchSizeAndCarryTheirQuestions) {
  const BatchReport report = run(kThree, ExistingLog::kRefuse);
  EXPECT_EQ(report.answered, 3u);
  const auto one_by_one = records_in(out_);
  ASSERT_EQ(one_by_one.size(), 3u);
  EXPECT_EQ(one_by_one[0].at("id"), "a");
  EXPECT_EQ(one_by_one[0].at("line"), 1);
  EXPECT_EQ(one_by_one[2].at("stop"), "length");
  for (const int64_t size : {2, 3, 7}) {
    run(kThree, ExistingLog::kReplace, size);
    EXPECT_EQ(records_in(out_), one_by_one) << size;
  }
}

TEST_F(BatchTest, ABrokenLineGetsAnErrorAndTheOthersTheirAnswers) {
  const std::string lines =
      "no json\n\n[1]\n{\"question\": 3}\n{\"image\": \"missing.jpg\", \"question\": \"What?\"}\n"
      "{\"question\": \"Fine?\"}\n"
      "{\"question\": \"" +
      std::string(100'000, 'x') + "\"}\n{\"image\": \"cat.jpg\", \"question\": \"Fine?\"}\n";
  const BatchReport report = run(lines, ExistingLog::kRefuse, 8);
  EXPECT_EQ(report.answered, 2u);
  EXPECT_EQ(report.failed, 5u);
  std::vector<std::string> errors(10);
  for (const auto& record : records_in(out_)) errors[record.at("line")] = record.value("error", "");
  EXPECT_THAT(errors[1], HasSubstr("the line"));
  EXPECT_THAT(errors[3], HasSubstr("array"));
  EXPECT_THAT(errors[4], HasSubstr("\"question\""));
  EXPECT_THAT(errors[5], HasSubstr("missing.jpg"));
  EXPECT_THAT(errors[7], HasSubstr("too long"));
  EXPECT_EQ(errors[6], "");
  EXPECT_EQ(errors[8], "");
}

TEST_F(BatchTest, GoesOnBehindWhatAKilledRunHasWritten) {
  run(kThree, ExistingLog::kRefuse);
  const auto whole = records_in(out_);
  {
    std::ofstream cut(out_, std::ios::trunc);
    cut << whole[0].dump() << "\n" << whole[1].dump().substr(0, 9);
  }
  const BatchReport report = run(kThree, ExistingLog::kResume);
  EXPECT_EQ(report.skipped, 1u);
  EXPECT_EQ(report.answered, 2u);
  EXPECT_EQ(records_in(out_), whole);
}

TEST_F(BatchTest, KeepsWhatWasThere) {
  folder_.put("answers.jsonl", "something else\n");
  EXPECT_THAT(error_of([&] { run(kThree, ExistingLog::kRefuse); }), HasSubstr("--resume"));
  EXPECT_THAT(error_of([&] { run(kThree, ExistingLog::kResume); }), HasSubstr("line 1"));
  std::ifstream file(out_);
  std::string kept;
  std::getline(file, kept);
  EXPECT_EQ(kept, "something else");
}

TEST_F(BatchTest, ACancelledRunHasWholeLinesOnly) {
  int64_t tiles = 0;
  const AnswerListener listener{
      .on_progress = [&](const GenerationProgress& step) { tiles += step.stage == GenerationStage::kLooking; },
      .cancelled = [&] { return tiles >= 6; }};
  assistant_ = std::make_unique<Assistant>(*model_ / "nano", AssistantOptions{.picture_cache_bytes = 0});
  const BatchReport report = run(kThree, ExistingLog::kRefuse, 1, listener);
  EXPECT_TRUE(report.cancelled);
  EXPECT_EQ(records_in(out_).size(), 1u);
}

TEST_F(BatchTest, AFullDiskIsAnErrorAndWholeLinesStay) {
  run(kThree, ExistingLog::kRefuse);
  const auto whole = records_in(out_);
  out_ = "/dev/full";
  EXPECT_THAT(error_of([&] { run(kThree, ExistingLog::kReplace, 2); }), HasSubstr("/dev/full"));
  out_ = folder_ / "answers.jsonl";
  EXPECT_EQ(records_in(out_), whole);
}

TEST_F(BatchTest, ADeepLineIsAnErrorOfItsOwn) {
  const std::string deep = "{\"question\": \"a\", \"m\": " + std::string(400'000, '[') + "\n";
  const BatchReport report = run(deep + "{\"question\": \"Fine?\"}", ExistingLog::kRefuse);
  EXPECT_EQ(report.failed, 1u);
  EXPECT_EQ(report.answered, 1u);
}

TEST_F(BatchTest, AnotherKindOfFileIsNotCutForAResume) {
  for (const std::string text : {"{\"precious\": 1}", "a text", "[1, 2]", "{\"line\": 1}\nnotes"}) {
    folder_.put("answers.jsonl", text);
    EXPECT_NE(error_of([&] { run(kThree, ExistingLog::kResume); }), "") << text;
    std::ifstream file(out_, std::ios::binary);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), text);
  }
  folder_.put("answers.jsonl", "{\"line\": 1}");
  EXPECT_EQ(run(kThree, ExistingLog::kResume).skipped, 1u);
  EXPECT_EQ(records_in(out_).size(), 3u);
}

TEST_F(BatchTest, ALineWithoutAnEndIsNotReadForever) {
  EXPECT_THAT(error_of([&] { run(std::string(size_t{17} << 20, 'x'), ExistingLog::kRefuse); }), HasSubstr("longer"));
}

TEST_F(BatchTest, MeasuresEveryStage) {
  Question question = options(1).blank;
  question.turns = single_question("What?", false);
  const Assistant fresh(*model_ / "nano", {});
  const StageTimes first = measure_answer(fresh, question);
  const StageTimes second = measure_answer(fresh, question);
  EXPECT_EQ(first.tiles.size(), 1u);
  EXPECT_TRUE(second.tiles.empty());
  EXPECT_GT(first.prefill, 0);
  EXPECT_GE(first.first_token, first.prefill);
  EXPECT_EQ(first.tokens.size(), 2u);
  EXPECT_EQ(median({3, 1, 2}), 2);
  EXPECT_EQ(median({4, 1}), 2.5);
  EXPECT_EQ(median({}), 0);
}

}  // namespace
}  // namespace fusion
