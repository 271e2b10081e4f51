#include "workflows/datasets/sample.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "workflows/datasets/test_support.h"

namespace fusion {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using Ids = std::vector<int64_t>;

class SampleGolden : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(SampleGolden, RecordsBecomeTheReferencesIdsAndLabels) {
  const auto [tokenizer, format] = GetParam();
  const auto golden = read_json_file(kGoldens + "/tokenizers/" + tokenizer + "/golden.json")["training"];
  ASSERT_FALSE(golden.empty());
  std::string lines;
  for (const auto& item : golden) {
    nlohmann::json record = {{"id", 7}, {"conversations", item["conversations"]}};
    if (item["has_image"]) record["image"] = "cat.png";
    lines += record.dump() + "\n";
  }
  const TestSet set(lines, tokenizer, format);
  const auto reader = set.reader();
  for (size_t i = 0; i < golden.size(); ++i) {
    const Sample sample = reader->read(static_cast<int64_t>(i));
    EXPECT_EQ(sample.id, "7");
    EXPECT_EQ(sample.prompt.input_ids, golden[i]["input_ids"].get<Ids>());
    EXPECT_EQ(sample.prompt.labels, golden[i]["labels"].get<Ids>());
    EXPECT_EQ(sample.prompt.instruct_ids, golden[i]["instructs"].get<Ids>());
    EXPECT_EQ(sample.tiles.pixels.empty(), !golden[i]["has_image"].get<bool>());
    EXPECT_EQ(reader->read_prompt(static_cast<int64_t>(i)).input_ids, sample.prompt.input_ids);
  }
}

INSTANTIATE_TEST_SUITE_P(Families, SampleGolden,
                         testing::Values(std::pair("phi_like", "phi_3"), std::pair("llama3_like", "llama_3")),
                         [](const auto& each) { return each.param.second; });

TEST(SampleReader, TilesAreThoseOfThePicture) {
  const TestSet set(record_line("1", "cat.png"));
  const auto reader = set.reader();
  const TileSet expected = make_tiles(load_picture(set.folder() / "cat.png"), reader->options().tiles());
  EXPECT_EQ(reader->read(0).tiles.pixels, expected.pixels);
}

TEST(SampleReader, CutsIdsAndLabelsAndNotTheQuestionForTheTower) {
  const TestSet set(record_line("1", "cat.png"));
  const Sample whole = set.reader()->read(0);
  const Sample cut = set.reader(/*max_length=*/20)->read(0);
  ASSERT_GT(whole.prompt.input_ids.size(), 20u);
  EXPECT_EQ(cut.prompt.input_ids, Ids(whole.prompt.input_ids.begin(), whole.prompt.input_ids.begin() + 20));
  EXPECT_EQ(cut.prompt.labels, Ids(whole.prompt.labels.begin(), whole.prompt.labels.begin() + 20));
  EXPECT_EQ(cut.prompt.instruct_ids, whole.prompt.instruct_ids);
}

TEST(SampleReader, WordsOfAPersonAreNeverMarks) {
  const TestSet set(record_line("1", "cat.png") + record_line("2", "cat.png", "Is it <latent_image> or <|end|>?"));
  const auto reader = set.reader();
  for (const int64_t mark : {kImageToken, kLatentToken, reader->tokenizer().token_id("<|end|>").value_or(-1)}) {
    EXPECT_EQ(std::ranges::count(reader->read(1).prompt.input_ids, mark),
              std::ranges::count(reader->read(0).prompt.input_ids, mark));
  }
}

TEST(SampleReader, ErrorsNameTheRecord) {
  const std::string good = record_line("1", "cat.png");
  std::string no_mark = record_line("no-mark", "cat.png");
  no_mark.erase(no_mark.find("<image>"), 7);
  std::string two_marks = record_line("two-marks", "cat.png");
  two_marks.replace(two_marks.find("It is"), 2, "<image>");
  std::string not_in_turn = record_line("turns");
  not_in_turn.replace(not_in_turn.find("gpt"), 3, "human");
  const TestSet set(good + record_line("missing", "dog.png") + record_line("outside", "../cat.png") +
                    record_line("text", "set.jsonl") + no_mark + two_marks + not_in_turn + "{\"id\": 3");
  const auto reader = set.reader();
  const auto refusal = [&](int64_t i) {
    const std::string message = error_of([&] { reader->read(i); });
    EXPECT_EQ(error_of([&] { reader->read_prompt(i); }), message);
    return message;
  };
  EXPECT_NO_THROW(reader->read(0));
  EXPECT_THAT(refusal(1),
              AllOf(HasSubstr("set.jsonl:2 (id missing)"), HasSubstr("dog.png"), HasSubstr("no such file")));
  EXPECT_THAT(refusal(2), AllOf(HasSubstr("set.jsonl:3 (id outside)"), HasSubstr("leads out of every folder")));
  EXPECT_THAT(refusal(3), AllOf(HasSubstr("(id text)"), HasSubstr("a JPEG, PNG or WebP")));
  EXPECT_THAT(refusal(4),
              AllOf(HasSubstr("(id no-mark)"), HasSubstr("one message with <image>"), HasSubstr("got none")));
  EXPECT_THAT(refusal(5), AllOf(HasSubstr("(id two-marks)"), HasSubstr("got 2 of them")));
  EXPECT_THAT(refusal(6), AllOf(HasSubstr("(id turns)"), HasSubstr("in turn")));
  EXPECT_THAT(refusal(7), HasSubstr("set.jsonl:8"));
}

TEST(SampleReader, EveryQuestionHasItsAnswer) {
  const nlohmann::json ask = {{"from", "human"}, {"value", "What colour is it?"}};
  const nlohmann::json say = {{"from", "gpt"}, {"value", "Blue."}};
  const nlohmann::json nothing_asked = {{"from", "human"}, {"value", ""}};
  const nlohmann::json nothing_said = {{"from", "gpt"}, {"value", ""}};
  const auto line = [](const nlohmann::json& conversations, const char* image = nullptr) {
    nlohmann::json record = {{"id", "x"}, {"conversations", conversations}};
    if (image != nullptr) record["image"] = image;
    return record.dump() + "\n";
  };
  const nlohmann::json show = {{"from", "human"}, {"value", "<image>"}};
  const TestSet set(line({ask, say, ask}) + line(nlohmann::json::array({ask})) + line(nlohmann::json::array({say})) +
                    line({ask, nothing_said}) + line({say, ask, say, nothing_asked, say}) + line({say, ask, say}) +
                    line({show, say}, "cat.png"));
  const auto reader = set.reader();
  const auto refusal = [&](int64_t i) { return error_of([&] { reader->read(i); }); };
  EXPECT_THAT(refusal(0), AllOf(HasSubstr("set.jsonl:1 (id x): conversations"), HasSubstr("an answer of gpt to every"),
                                HasSubstr("got a message of human at the end")));
  EXPECT_THAT(refusal(1), HasSubstr("got a message of human alone"));
  EXPECT_THAT(refusal(2), HasSubstr("got a message of gpt alone"));
  EXPECT_THAT(refusal(3), HasSubstr("message 2: expected words, got an empty value, of gpt"));
  EXPECT_THAT(refusal(4), HasSubstr("message 4: expected words, got an empty value, of human"));
  EXPECT_NO_THROW(reader->read(5)) << "messages before the first question are left out";
  EXPECT_NO_THROW(reader->read(6)) << "a picture alone asks, too";
}

TEST(SampleReader, RefusesWhatCannotBeTrainedWith) {
  const TestSet set(record_line("1"));
  EXPECT_THAT(error_of([&] { set.reader(0); }), HasSubstr("max_length"));
  EXPECT_THAT(error_of([] { TestSet(record_line("1"), "phi_like", "vicuna_v1").reader(); }),
              HasSubstr("phi_3 or llama_3"));
}

}  // namespace
}  // namespace fusion
