#include "workflows/datasets/record_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "foundation/config/test_support.h"
#include "foundation/core/text.h"

namespace fusion {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string line(int id) {
  return cat(R"({"id": ")", id, R"(", "conversations": [{"from": "human", "value": "Is [this] a \"}\"?"},)",
             R"( {"from": "gpt", "value": "Yes\\"}]})");
}

std::string record_refusal(const std::string& text) {
  return error_of([&] { parse_record(text, "a.jsonl:3"); });
}

TEST(ParseRecord, ReadsWhatLlavaWrites) {
  const Record record = parse_record(
      R"({"id": 17, "image": "coco/1.jpg", "source": {"x": 1}, "conversations": [
          {"from": "human", "value": "<image>\nWhat?", "time": 3}, {"from": "gpt", "value": "A cat."}]})",
      "x");
  EXPECT_EQ(record.id, "17");
  EXPECT_EQ(record.image, "coco/1.jpg");
  ASSERT_EQ(record.messages.size(), 2u);
  EXPECT_EQ(record.messages[0].value, "<image>\nWhat?");
  EXPECT_EQ(record.messages[1].from, "gpt");

  const Record bare = parse_record(R"({"image": null, "conversations": [{"from": "human", "value": ""}]})", "x");
  EXPECT_EQ(bare.id, "");
  EXPECT_FALSE(bare.image.has_value());
}

TEST(ParseRecord, ErrorsNameThePlaceAndTheId) {
  EXPECT_THAT(record_refusal(R"({"id": "7"})"), AllOf(HasSubstr("a.jsonl:3 (id 7): key 'conversations'")));
  EXPECT_THAT(record_refusal(R"({"id": "7", "conversations": []})"), HasSubstr("an empty one"));
  EXPECT_THAT(record_refusal(R"({"conversations": {}})"), HasSubstr("a list of messages"));
  EXPECT_THAT(record_refusal(R"({"id": "7", "conversations": [{"from": "user", "value": ""}]})"),
              AllOf(HasSubstr("(id 7): key 'conversations[0].from'"), HasSubstr("human or gpt, got user")));
  EXPECT_THAT(record_refusal(R"({"conversations": [{"from": "gpt"}]})"), HasSubstr("'conversations[0].value'"));
  EXPECT_THAT(record_refusal(R"({"conversations": [{"from": "gpt", "value": 3}]})"), HasSubstr("a string, got 3"));
  EXPECT_THAT(record_refusal(R"({"conversations": [7]})"), HasSubstr("'conversations[0]'"));
  EXPECT_THAT(record_refusal(R"({"id": true, "conversations": []})"), HasSubstr("an id that is"));
  EXPECT_THAT(record_refusal(R"({"image": "", "conversations": [{"from": "gpt", "value": ""}]})"), HasSubstr("a path"));
  EXPECT_THAT(record_refusal(R"({"image": ["a", "b"], "conversations": [{"from": "gpt", "value": ""}]})"),
              HasSubstr("image"));
  EXPECT_THAT(record_refusal(R"({"images": ["a"], "conversations": [{"from": "gpt", "value": ""}]})"),
              HasSubstr("one picture, under 'image'"));
  EXPECT_THAT(record_refusal("[1]"), HasSubstr("a JSON object, got array"));
  EXPECT_THAT(record_refusal("{\"id\": \"\xff\"}"), HasSubstr("valid JSON"));
}

TEST(RecordFile, FindsTheLinesOfJsonl) {
  const ScratchFolder folder;
  const RecordFile file(
      folder.put("a.jsonl", cat("\xEF\xBB\xBF", line(1), "\r\n\n  \n", line(2), "\n\n", line(3), "\n\n")));
  ASSERT_EQ(file.size(), 3);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(file.parse(i).id, cat(i + 1));
  EXPECT_EQ(file.describe(0), file.path() + ":1");
  EXPECT_EQ(file.describe(1), file.path() + ":4");
  EXPECT_EQ(file.describe(2), file.path() + ":6");
  EXPECT_EQ(RecordFile(folder.put("none.jsonl", "")).size(), 0);
}

TEST(RecordFile, FindsTheElementsOfAnArray) {
  const ScratchFolder folder;
  const RecordFile file(folder.put("a.json", cat(" [", line(1), " ,\n", line(2), ",", line(3), "\n]\n")));
  ASSERT_EQ(file.size(), 3);
  for (int i = 0; i < 3; ++i) {
    const Record record = file.parse(i);
    EXPECT_EQ(record.id, cat(i + 1));
    EXPECT_EQ(record.messages[0].value, "Is [this] a \"}\"?");
    EXPECT_EQ(record.messages[1].value, "Yes\\");
  }
  EXPECT_EQ(file.describe(1), file.path() + ": element 2");
  EXPECT_EQ(RecordFile(folder.put("none.json", " [ ] ")).size(), 0);
}

TEST(RecordFile, ABrokenRecordLeavesTheOthersReadable) {
  const ScratchFolder folder;
  const RecordFile lines(folder.put("a.jsonl", cat(line(1), "\nno json\n", line(3), "\n", line(4).substr(0, 60))));
  ASSERT_EQ(lines.size(), 4);
  EXPECT_EQ(lines.parse(0).id, "1");
  EXPECT_THAT(error_of([&] { lines.parse(1); }), HasSubstr("a.jsonl:2: line 1"));
  EXPECT_EQ(lines.parse(2).id, "3");
  EXPECT_THAT(error_of([&] { lines.parse(3); }), HasSubstr("a.jsonl:4"));
}

TEST(RecordFile, AnArrayThatNeverEndsIsABrokenLastRecord) {
  const ScratchFolder folder;
  const auto broken = [&](const std::string& text, int64_t good) {
    const RecordFile file(folder.put("a.json", text));
    EXPECT_EQ(file.size(), good + 1) << text;
    for (int64_t i = 0; i < good; ++i) EXPECT_NO_THROW(file.parse(i)) << text;
    return error_of([&] { file.parse(good); });
  };
  EXPECT_THAT(broken(cat("[", line(1), ",", line(2).substr(0, 50)), 1), HasSubstr("element 2"));
  EXPECT_THAT(broken(cat("[", line(1), ","), 1), HasSubstr("the file was cut short"));
  EXPECT_THAT(broken(cat("[", line(1)), 1), HasSubstr("the file was cut short"));
  EXPECT_THAT(broken("[", 0), HasSubstr("element 1: expected a record, got nothing"));
  EXPECT_THAT(broken(cat("[", line(1), ",]"), 1), HasSubstr("a comma too many"));
  EXPECT_THAT(broken(cat("[", line(1), "] x"), 1), HasSubstr("element 2"));
  EXPECT_THAT(broken("[{\"a\": \"abc\\", 0), HasSubstr("element 1"));
}

TEST(RecordFile, RefusesOtherFiles) {
  const ScratchFolder folder;
  EXPECT_THAT(error_of([&] { RecordFile(folder / "none.json"); }), HasSubstr("none.json"));
  EXPECT_THAT(error_of([&] { RecordFile(folder.put("a.parquet", "PAR1")); }), HasSubstr(".jsonl"));
  EXPECT_THAT(error_of([&] { RecordFile(folder.put("lines.json", line(1))); }),
              AllOf(HasSubstr("a JSON array of records"), HasSubstr("ends with .jsonl")));
  EXPECT_THAT(error_of([&] { RecordFile(folder.put("empty.json", " \n")); }), HasSubstr("an empty file"));
}

TEST(RecordFile, NoticesAFileThatChanges) {
  const ScratchFolder folder;
  const std::string path = folder.put("a.jsonl", line(1));
  const RecordFile file(path);
  std::ofstream(path, std::ios::app) << "\n" << line(2);
  EXPECT_THAT(error_of([&] { file.parse(0); }), HasSubstr("another program wrote into it"));
}

}  // namespace
}  // namespace fusion
