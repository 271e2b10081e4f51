#include "workflows/synthesis/export/llava_record.h"

#include <gmock/gmock.h>

#include <set>

#include "workflows/synthesis/export/split.h"
#include "workflows/synthesis/report/test_support.h"

namespace fusion {
namespace {

TEST(LlavaRecord, IsWhatIsTrainedOn) {
  Item item = example_item(123);
  item.conversations[0].rounds = {round_of("What color?", "Red.", "red"), round_of("And why?", "It is painted.")};
  EXPECT_EQ(llava_record(item, 0).dump(),
            R"({"id":"0000123-Color","image":"images/000/picture.png","conversations":[)"
            R"({"from":"human","value":"<image>\nWhat color?"},{"from":"gpt","value":"Red."},)"
            R"({"from":"human","value":"And why?"},{"from":"gpt","value":"It is painted."}],)"
            R"("kind":"Color","truth":["red",""]})");
}

TEST(LlavaRecord, UnknownTruthsAreLeftOut) {
  Item item = example_item(1);
  item.conversations[0].rounds = {round_of("Why?", "Because.")};
  EXPECT_FALSE(llava_record(item, 0).contains("truth"));
}

TEST(KeptRecords, HoldConversationsOrRounds) {
  Item item = example_item(1);
  item.conversations.resize(2);
  item.conversations[0].rounds = {round_of("What color?", "Red.", "red"), round_of("Why?", "It is painted.")};
  item.conversations[1].rounds = {round_of("How many?", "2", "2")};
  const auto whole = kept_records(item, false);
  ASSERT_EQ(whole.size(), 2U);
  EXPECT_EQ(whole[0], llava_record(item, 0));
  EXPECT_EQ(whole[1], llava_record(item, 1));

  const auto apart = kept_records(item, true);
  ASSERT_EQ(apart.size(), 3U);
  EXPECT_EQ(apart[1].dump(), R"({"id":"0000001-Color/2","image":"images/000/picture.png","conversations":[)"
                             R"({"from":"human","value":"<image>\nWhy?"},{"from":"gpt","value":"It is painted."}],)"
                             R"("kind":"Color"})");
  EXPECT_EQ(apart[0]["truth"], nlohmann::json({"red"}));
  EXPECT_EQ(apart[2]["id"], "0000001-Count/1");
}

TEST(KeptRecords, LeaveOutWhatAFilterTook) {
  Item item = example_item(1);
  item.conversations.resize(2);
  item.conversations[0].dropped_by = "blank";
  for (const bool rounds_apart : {false, true}) {
    for (const auto& record : kept_records(item, rounds_apart)) EXPECT_EQ(record["kind"], "Count");
    EXPECT_FALSE(kept_records(item, rounds_apart).empty());
  }
}

TEST(LlavaRecord, IdsDifferWithinAnItem) {
  Item item = example_item(12'345'678);
  item.conversations.push_back(conversation_of("Color", {round_of("?", "!")}));
  EXPECT_EQ(record_id(item, 0), "12345678-Color");
  EXPECT_EQ(record_id(item, 1), "12345678-Count");
  EXPECT_EQ(record_id(item, 2), "12345678-Color-2");
}

TEST(LlavaRecord, TextsHoldNoPictureMark) {
  Item item = example_item(1);
  item.conversations[0].rounds = {round_of("a <image> b", "x<im<image>age>y"), round_of("<image>", "<IMAGE>")};
  const auto messages = messages_json(item.conversations[0]);
  EXPECT_EQ(messages[0]["value"], "<image>\na  b");
  EXPECT_EQ(messages[1]["value"], "xy");
  EXPECT_EQ(messages[2]["value"], "");
  EXPECT_EQ(messages[3]["value"], "<IMAGE>");
}

TEST(LlavaRecord, BrokenTextIsStillALine) {
  Item item = example_item(1);
  item.conversations[0].rounds = {round_of("caf\xC3 \n \"quoted\"", "\xFF")};
  const std::string line = json_line(llava_record(item, 0));
  EXPECT_EQ(std::ranges::count(line, '\n'), 1);
  EXPECT_EQ(nlohmann::json::parse(line)["conversations"][1]["value"], "\xEF\xBF\xBD");
}

TEST(Split, FollowsTheWordsOfTheCaptionAlone) {
  const SplitShares shares{.validation = 0.3, .test = 0.3};
  std::set<Split> seen;
  for (int i = 0; i < 100; ++i) {
    const Split split = split_of(cat("A red car, number ", i, "."), shares);
    EXPECT_EQ(split, split_of(cat("a  RED car - number ", i), shares));
    seen.insert(split);
  }
  EXPECT_EQ(seen.size(), 3U);
  EXPECT_EQ(split_of("anything", {}), Split::kTrain);
}

TEST(Split, ACaptionStaysInItsPartWhenTheOtherShareGrows) {
  for (int i = 0; i < 200; ++i) {
    const std::string caption = cat("caption ", i);
    if (split_of(caption, {.validation = 0.1, .test = 0.1}) == Split::kTest) {
      EXPECT_EQ(split_of(caption, {.validation = 0.4, .test = 0.2}), Split::kTest);
    }
  }
}

}  // namespace
}  // namespace fusion
