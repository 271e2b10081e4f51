#include "workflows/synthesis/filters/leakage/leak_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "foundation/config/test_support.h"
#include "workflows/synthesis/filters/leakage/json_strings.h"
#include "workflows/synthesis/filters/picture_facts.h"
#include "workflows/synthesis/filters/test_items.h"
#include "workflows/synthesis/render/encode.h"

namespace fusion {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kQuestion = "Which of the three old men beside the river wears a straw hat?";

std::shared_ptr<const LeakIndex> index_of(const ScratchFolder& folder) {
  return LeakIndex::read({.benchmarks = {folder.path()}});
}

bool leaks(const std::shared_ptr<const LeakIndex>& index, const std::string& text) {
  return index->find(folded_words(text)).has_value();
}

/// Light and dark fields beside and above each other.
Picture fields(int64_t across, int64_t down) {
  Picture picture = Picture::blank(120, 120, PixelMode::kRgb);
  for (int64_t y = 0; y < 120; ++y) {
    for (int64_t x = 0; x < 360; ++x) {
      picture.row(y)[x] = static_cast<uint8_t>(40 + 100 * (x / 3 * across / 120 % 2) + y * down / 120 % 2 * 80);
    }
  }
  return picture;
}

std::string as_text(const EncodedPicture& picture) {
  return {reinterpret_cast<const char*>(picture.bytes.data()), picture.bytes.size()};
}

TEST(LeakIndex, FindsTheTextsOfEveryForm) {
  const std::string json = cat("[{\"text\": \"", kQuestion, "\\nAnswer.\", \"deep\": [[{\"a\": 1.5e3}]]}]");
  for (const auto& [name, content] : std::vector<std::pair<std::string, std::string>>{
           {"a.json", json},
           {"a.jsonl", cat("\n{\"question\": \"", kQuestion, "\"}\n")},
           {"a.txt", cat("first\n", kQuestion)},
           {"a.tsv", cat("1\t", kQuestion, "\t", std::string(100'000, 'Q'))},
           {"A.CSV", cat("1,\"", kQuestion, "\",B\r\n")}}) {
    const ScratchFolder folder;
    std::filesystem::create_directories(folder / "below/it");
    folder.put("below/it/" + name, content);
    const auto index = index_of(folder);
    EXPECT_TRUE(leaks(index, cat("Tell me: ", kQuestion))) << name;
    EXPECT_TRUE(leaks(index, "which of the THREE old men beside the lake")) << name;
    EXPECT_FALSE(leaks(index, "which of the three old men sits beside the river")) << name;
    EXPECT_EQ(index->report().text_files, 1) << name;
    EXPECT_EQ(index->report().broken, 0) << name;
  }
}

TEST(LeakIndex, PassesOverFormsOfWords) {
  const ScratchFolder folder;
  std::string lines;
  for (int i = 0; i < 20; ++i) {
    lines += cat("Thing ", i, "? Answer with the letter of the option from the given choices.\n");
  }
  folder.put("questions.txt", lines + kQuestion + "\nWhat color is the car?\n");
  const auto index = index_of(folder);
  EXPECT_FALSE(leaks(index, "Where? Answer with the letter of the option from the given choices."));
  EXPECT_FALSE(leaks(index, "What color is the car?"));
  EXPECT_TRUE(leaks(index, kQuestion));
}

TEST(LeakIndex, FindsAPictureCompressedAgain) {
  const ScratchFolder folder;
  const Picture picture = fields(3, 5);
  folder.put("one.PNG", as_text(encode_png(picture)));
  const auto index = index_of(folder);
  EXPECT_EQ(index->report().pictures, 1);
  EXPECT_TRUE(index->has_picture(inspect_picture(encode_jpeg(picture, 60).bytes, "again").hash));
  EXPECT_FALSE(index->has_picture(inspect_picture(fields(5, 3)).hash));
}

TEST(LeakIndex, CountsWhatIsBrokenAndGoesOn) {
  const ScratchFolder folder;
  folder.put("a.json", "[\"never closed");
  folder.put("b.jsonl", cat("{broken\n{\"q\": \"", kQuestion, "\"}\n"));
  folder.put("c.jpg", "no picture");
  folder.put("d.png", std::string("\x89PNG\r\n\x1a\n cut", 12));
  folder.put("e.md", "not looked at");
  folder.put("deep.json", std::string(200'000, '['));
  const auto index = index_of(folder);
  EXPECT_EQ(index->report().broken, 5);
  EXPECT_EQ(index->report().pictures, 0);
  EXPECT_EQ(index->report().text_files, 3);
  ASSERT_EQ(index->report().examples.size(), 5U);
  EXPECT_THAT(index->report().examples[1], HasSubstr("b.jsonl:1"));
  EXPECT_TRUE(leaks(index, kQuestion));
}

TEST(LeakIndex, SaysHowFarItHasCome) {
  const ScratchFolder folder;
  const ScratchFolder other;
  folder.put("a.txt", kQuestion);
  folder.put("not_looked_at.md", kQuestion);
  folder.put("broken.png", "no picture");
  for (int i = 0; i < 8; ++i) folder.put(cat(i, ".png"), as_text(encode_png(fields(3, i + 1))));
  other.put("b.json", "[\"b\"]");
  std::vector<uint64_t> seen;
  const auto index = LeakIndex::read({.benchmarks = {folder.path(), other.path()}}, [&](uint64_t done, uint64_t total) {
    EXPECT_EQ(total, 11U);
    seen.push_back(done);
  });
  EXPECT_THAT(seen, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
  EXPECT_EQ(index->report().pictures, 8);
}

TEST(LeakIndex, RefusesAFolderThatIsNone) {
  EXPECT_THAT(error_of([] { (void)LeakIndex::read({.benchmarks = {"/no/such/folder"}}); }),
              HasSubstr("/no/such/folder"));
  EXPECT_EQ(LeakIndex::read({.enabled = false, .benchmarks = {"/no/such/folder"}})->report().texts, 0);
}

TEST(LeakIndex, RefusesAFolderOfWhichNothingIsRead) {
  const ScratchFolder good;
  good.put("a.txt", kQuestion);
  const ScratchFolder folder;
  const auto refusal = [&] {
    return error_of([&] { (void)LeakIndex::read({.benchmarks = {good.path(), folder.path()}}); });
  };
  EXPECT_THAT(refusal(), AllOf(HasSubstr(folder.path()), HasSubstr("got none")));
  folder.put("test.parquet", kQuestion);
  folder.put("images.zip", kQuestion);
  EXPECT_THAT(refusal(), AllOf(HasSubstr(".jsonl"), HasSubstr(".png"), HasSubstr("got none")));
  folder.put("a.json", "[");
  folder.put("b.jpg", "no picture");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("got 2 broken"), HasSubstr("a.json: broken JSON")));
}

TEST(LeakIndex, RefusesAFolderThatItCannotListInFull) {
  if (::geteuid() == 0) GTEST_SKIP() << "nothing is closed to root";
  const ScratchFolder folder;
  folder.put("a.txt", kQuestion);
  const std::string closed = folder / "closed";
  std::filesystem::create_directory(closed);
  std::filesystem::permissions(closed, std::filesystem::perms::none);
  EXPECT_THAT(error_of([&] { (void)index_of(folder); }), HasSubstr(folder.path()));
  std::filesystem::permissions(closed, std::filesystem::perms::owner_all);
}

TEST(LeakIndex, GivesItsFiltersTheirVerdicts) {
  const ScratchFolder folder;
  folder.put("a.txt", kQuestion);
  folder.put("one.png", as_text(encode_png(fields(3, 5))));
  const auto index = index_of(folder);
  EXPECT_FALSE(passes(LeakedCaption(index), kQuestion));
  EXPECT_TRUE(passes(LeakedCaption(index), "Three old men beside the river"));
  EXPECT_FALSE(passes(LeakedQuestion(index), asked(kQuestion, "the left one")));
  EXPECT_TRUE(passes(LeakedQuestion(index), asked("Who wears a hat?", kQuestion)));
  Item item;
  item.width = item.height = 80;
  item.picture_hash = inspect_picture(fields(3, 5)).hash;
  EXPECT_TRUE(LeakedPicture(index).check(item));
  item.picture_hash = ~item.picture_hash;
  EXPECT_FALSE(LeakedPicture(index).check(item));
}

TEST(JsonStrings, AreTheValuesInTheirOrder) {
  std::vector<std::string> found;
  const auto use = [&found](const std::string& text) { found.push_back(text); };
  EXPECT_TRUE(for_each_json_string(R"({"key": "a\u00e9", "list": [1, null, true, {"k": "b"}], "n": -1.5})", use));
  EXPECT_THAT(found, ElementsAre("aé", "b"));
  EXPECT_FALSE(for_each_json_string(R"({"key": "c", )", use));
  EXPECT_THAT(found, ElementsAre("aé", "b", "c"));
  EXPECT_FALSE(for_each_json_string("", use));
}

}  // namespace
}  // namespace fusion
