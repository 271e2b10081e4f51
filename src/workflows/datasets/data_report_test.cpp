#include "workflows/datasets/data_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "workflows/datasets/data_report_text.h"
#include "workflows/datasets/prompt_view.h"
#include "workflows/datasets/test_support.h"

namespace fusion {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using Kind = PromptPiece::Kind;

const CheckOptions kOptions{.image_tokens = 9, .query_len = 4, .micro_batch_size = 2};

/// Records a (picture), b (text), c (picture, longest), d (its picture is missing), and a line that is no JSON.
std::string five() {
  return record_line("a", "cat.png") + record_line("b") +
         record_line("c", "cat.png", "What colour is the bird? What colour is the bird?") +
         record_line("d", "none.png") + "no json\n";
}

TEST(Measure, PlaceholdersCountAsWhatTakesTheirPlace) {
  const TokenizedPrompt prompt{.input_ids = {1, -300, 5, -200, 6, 7, -300, 8},
                               .labels = {-100, -100, -100, -100, -400, 7, -100, 8},
                               .instruct_ids = {3, 4}};
  const SampleLength length = measure(prompt, /*image_tokens=*/9, /*query_len=*/4, /*max_length=*/100);
  EXPECT_EQ(length.tokens, 8);
  EXPECT_EQ(length.positions, 8 + 8 + 2 * 3);
  EXPECT_EQ(length.instruct_tokens, 2);
  EXPECT_EQ(length.questions, 2);
  EXPECT_EQ(length.targets, 2);
  // They stand at 16 and 21, behind 4 latents and 9 of the picture.
  EXPECT_EQ(measure(prompt, 9, 4, /*max_length=*/21).targets, 1);
  EXPECT_EQ(measure(prompt, 9, 4, /*max_length=*/16).targets, 0);
}

TEST(CheckData, CountsEverything) {
  const TestSet set(five());
  const auto reader = set.reader();
  std::vector<uint64_t> heard;
  CheckOptions options = kOptions;
  options.on_progress = [&](uint64_t done, uint64_t total) {
    EXPECT_EQ(total, 5u);
    heard.push_back(done);
  };
  const DataReport report = check_data(*reader, options);
  EXPECT_THAT(heard, ElementsAre(5));
  EXPECT_EQ(report.total.records, 5);
  EXPECT_EQ(report.total.pictures, 2);
  EXPECT_EQ(report.total.text_only, 1);
  EXPECT_EQ(report.total.broken, 2);
  EXPECT_EQ(report.total.cut, 0);
  int64_t tokens = 0;
  int64_t targets = 0;
  int64_t longest = 0;
  for (const int64_t i : {0, 1, 2}) {
    const SampleLength length = measure(reader->read_prompt(i), 9, 4, 512);
    tokens += length.tokens;
    targets += length.targets;
    longest = std::max(longest, length.positions);
  }
  EXPECT_EQ(report.total.tokens, tokens);
  EXPECT_EQ(report.total.targets, targets);
  EXPECT_EQ(report.total.longest, longest);
  EXPECT_THAT(report.longest.records, ElementsAre(2, 0));
  EXPECT_EQ(report.longest.positions, longest);
  EXPECT_EQ(report.longest.questions, 1);
  ASSERT_EQ(report.broken.size(), 2u);
  EXPECT_EQ(report.broken[0].id, "d");
  EXPECT_THAT(report.broken[1].reason, HasSubstr("set.jsonl:5"));
  int64_t binned = 0;
  for (const LengthBin& bin : report.lengths) binned += bin.by_positions;
  EXPECT_EQ(binned, 3);
  EXPECT_TRUE(report.too_many_broken(0.3));
  EXPECT_FALSE(report.too_many_broken(0.4));
}

TEST(CheckData, LengthsAloneDoNotNeedThePictures) {
  const TestSet set(five());
  CheckOptions options = kOptions;
  options.decode_pictures = false;
  const DataReport report = check_data(*set.reader(), options);
  EXPECT_EQ(report.total.pictures, 3);
  EXPECT_EQ(report.total.broken, 1);
}

TEST(CheckData, SaysWhatIsCutAndWhatTeachesNothing) {
  const TestSet set(five());
  const DataReport report = check_data(*set.reader(/*max_length=*/24), kOptions);
  EXPECT_EQ(report.total.cut, 3);
  EXPECT_EQ(report.total.unteachable, 3);
  EXPECT_EQ(report.total.longest, 24);
  EXPECT_EQ(report.longest.positions, 24);
}

TEST(CheckData, AnAnswerThatThePicturePushesOutTeachesNothing) {
  const TestSet set(record_line("a", "cat.png") + record_line("b"));
  const SampleLength whole = measure(set.reader()->read_prompt(0), 9, 4, 512);
  // All ids of the record stay; its answer begins where the row ends.
  const DataReport report = check_data(*set.reader(whole.positions - whole.targets), kOptions);
  ASSERT_LE(whole.tokens, whole.positions - whole.targets);
  EXPECT_EQ(report.total.unteachable, 1);
  EXPECT_EQ(report.total.cut, 1);
  EXPECT_EQ(report.total.targets, whole.targets) << "those of the record without a picture, the same answer";
}

TEST(CheckData, ALimitIsSpreadOverTheMixture) {
  std::string lines;
  for (int i = 0; i < 10; ++i) lines += i < 5 ? record_line(cat(i)) : "broken\n";
  const TestSet set(lines);
  CheckOptions options = kOptions;
  options.limit = 4;  // records 0, 2, 5, 7
  options.max_listed = 1;
  const DataReport report = check_data(*set.reader(), options);
  EXPECT_EQ(report.total.records, 4);
  EXPECT_EQ(report.total.broken, 2);
  ASSERT_EQ(report.broken.size(), 1u);
  EXPECT_EQ(report.broken[0].index, 5);
}

TEST(DataReport, IsWrittenForPeopleAndPrograms) {
  const TestSet set(five());
  const auto reader = set.reader();
  CheckOptions options = kOptions;
  options.max_listed = 1;
  const DataReport report = check_data(*reader, options);
  const std::string text = text_report(report, reader->mixture(), 512);
  EXPECT_THAT(text, AllOf(HasSubstr("data set   records  pictures  text-only  broken"),
                          HasSubstr("set.jsonl        5         2          1       2"),
                          HasSubstr("Longest micro-batch: 2 x "), HasSubstr("(id c)"), HasSubstr("Broken records (2)"),
                          HasSubstr("and 1 more (--json lists all)"), Not(HasSubstr(" \n"))));
  const auto json = json_report(report, reader->mixture(), 512);
  EXPECT_EQ(json["total"]["broken"], 2);
  EXPECT_EQ(json["data_sets"][0]["sampling_strategy"], "all");
  EXPECT_EQ(json["broken"][0]["id"], "d");
  EXPECT_THAT(json["longest_micro_batch"]["records"][0].get<std::string>(), HasSubstr("(id c)"));
}

TEST(ViewPrompt, ShowsWhatIsMaskedAndWherePlaceholdersAre) {
  const TestSet set(record_line("a", "cat.png", "What colour is the bird, naïve 🙂?"));
  const TokenizedPrompt prompt = set.reader()->read_prompt(0);
  const auto pieces = view_prompt(prompt, set.tokenizer());
  std::vector<Kind> kinds;
  int64_t tokens = 0;
  for (const PromptPiece& piece : pieces) {
    kinds.push_back(piece.kind);
    tokens += piece.tokens;
  }
  EXPECT_THAT(kinds, ElementsAre(Kind::kMasked, Kind::kLatents, Kind::kMasked, Kind::kImage, Kind::kMasked,
                                 Kind::kQuestionMark, Kind::kTarget));
  EXPECT_EQ(tokens, static_cast<int64_t>(prompt.input_ids.size()));
  EXPECT_THAT(pieces[0].text, AllOf(HasSubstr("<|system|>"), HasSubstr("<vision_start>")));
  EXPECT_THAT(pieces[4].text,
              AllOf(HasSubstr("What colour is the bird, naïve 🙂?<|end|>"), HasSubstr("<|assistant|>")));
  EXPECT_THAT(pieces[6].text, AllOf(HasSubstr("It is blue.<|end|>")));
}

}  // namespace
}  // namespace fusion
