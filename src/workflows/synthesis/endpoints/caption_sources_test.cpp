#include "workflows/synthesis/endpoints/caption_sources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "foundation/config/input_file.h"
#include "foundation/config/test_support.h"
#include "foundation/core/text.h"
#include "workflows/synthesis/render/encode.h"

namespace fusion {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

SourceKinds some_kinds(std::vector<KindWeight> weights = {}) {
  return {.registry = std::make_shared<const KindRegistry>(KindRegistry::built_in()),
          .weights = std::move(weights),
          .kinds_per_picture = 2,
          .seed = 3};
}

std::vector<std::string> captions_of(FileCaptions& source) {
  std::vector<std::string> captions;
  for (int64_t id = 0;; ++id) {
    const auto item = source.caption(id);
    if (!item) return captions;
    EXPECT_EQ(item->id, id);
    captions.push_back(item->caption);
  }
}

std::string png_bytes(uint8_t red = 0) {
  Picture picture = Picture::blank(8, 8, PixelMode::kRgb);
  picture.pixels[0] = red;
  const EncodedPicture encoded = encode_png(picture);
  return {reinterpret_cast<const char*>(encoded.bytes.data()), encoded.bytes.size()};
}

TEST(CaptionFile, ReadsACaptionALine) {
  const ScratchFolder folder;
  CaptionFile source(folder.put("a.txt", "\xEF\xBB\xBFOne cat.\r\n\n  Two cats.  \nThree cats."), some_kinds());
  const auto second = CaptionFile(folder / "a.txt", some_kinds()).caption(1);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->source, "a.txt:3");
  EXPECT_EQ(second->kinds.size(), 2u);
  EXPECT_EQ(second->source_picture, "");
  EXPECT_THAT(captions_of(source), ElementsAre("One cat.", "Two cats.", "Three cats."));
  EXPECT_EQ(source.caption(3), std::nullopt);
}

TEST(CaptionFile, GivesAnItemTheSameKindsWheneverItIsAskedFor) {
  const ScratchFolder folder;
  std::string text;
  for (int i = 0; i < 50; ++i) text += cat("Caption ", i, ".\n");
  const std::string path = folder.put("a.txt", text);
  CaptionFile all(path, some_kinds());
  CaptionFile shard(path, some_kinds());
  for (int64_t id = 0; id < 50; ++id) {
    const auto item = all.caption(id);
    if (id % 7 != 2) continue;
    EXPECT_EQ(item_to_json(*shard.caption(id)), item_to_json(*item));
  }
  EXPECT_EQ(shard.caption(0)->caption, "Caption 0.") << "from the beginning again";
}

TEST(CaptionFile, CountsAndNamesTheLinesThatItCannotUse) {
  const ScratchFolder folder;
  CaptionFile source(
      folder.put("a.jsonl",
                 cat(R"({"caption": "One cat.", "kinds": ["Color"], "width": 3})", "\n", R"({"caption": "Two)", "\n",
                     R"({"text": "Three cats."})", "\n", R"({"caption": "<image> Four cats."})", "\n",
                     R"({"caption": "Five cats.", "kinds": ["Colour"]})", "\n", "{\"caption\": \"\xff\"}\n",
                     R"({"caption": 6})", "\n", R"(["Seven cats."])", "\n", R"({"caption": ")", std::string(5000, 'x'),
                     "\"}\n", R"({"caption": "Nine cats."})")),
      some_kinds());
  EXPECT_THAT(captions_of(source), ElementsAre("One cat.", "Nine cats."));
  EXPECT_EQ(source.broken().count, 8);
  const std::vector<std::string>& broken = source.broken().first;
  ASSERT_EQ(broken.size(), 8u);
  EXPECT_THAT(broken[0], HasSubstr("a.jsonl:2: "));
  EXPECT_THAT(broken[1], HasSubstr("a caption under 'caption' or 'conversations'"));
  EXPECT_THAT(broken[2], HasSubstr("<image>"));
  EXPECT_THAT(broken[3], HasSubstr("a.jsonl:5: there is no kind Colour"));
  EXPECT_THAT(broken[7], HasSubstr("bytes"));
  EXPECT_THAT(CaptionFile(folder / "a.jsonl", some_kinds()).caption(0)->kinds, ElementsAre("Color"));
}

TEST(CaptionFile, RefusesKindsThatDoNotGoTogether) {
  const ScratchFolder folder;
  CaptionFile source(folder.put("a.jsonl",
                                "{\"caption\": \"One cat.\", \"kinds\": [\"Color\", \"Color\"]}\n"
                                "{\"caption\": \"Two cats.\", \"kinds\": [\"Color\", \"ContrastShort\"]}\n"
                                "{\"caption\": \"Three cats.\", \"kinds\": [\"Color\", \"Count\"]}\n"),
                     some_kinds());
  EXPECT_THAT(captions_of(source), ElementsAre("Three cats."));
  EXPECT_THAT(source.broken().first, ElementsAre(HasSubstr("the kind Color stands there twice"),
                                                 HasSubstr("do not ask about as many pictures")));
}

TEST(CaptionFile, KeepsTenBrokenLinesAtMost) {
  const ScratchFolder folder;
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "\x01\n";
  CaptionFile source(folder.put("a.txt", text + "One cat."), some_kinds());
  EXPECT_THAT(captions_of(source), ElementsAre("One cat."));
  EXPECT_EQ(source.broken().count, 1000);
  EXPECT_EQ(source.broken().first.size(), 10u);
}

TEST(CaptionFile, SaysWhyNoneOfItCanBeUsed) {
  const ScratchFolder folder;
  CaptionFile source(folder.put("a.jsonl", "{\"text\": \"One cat.\"}\n[]\n"), some_kinds());
  EXPECT_THAT(error_of([&] { source.caption(0); }), AllOf(HasSubstr("none among 2"), HasSubstr("a.jsonl:1: ")));
}

TEST(CaptionFile, RefusesWhatItCannotRead) {
  const ScratchFolder folder;
  EXPECT_THAT(error_of([&] { CaptionFile source(folder / "none.txt", some_kinds()); }), HasSubstr("none.txt"));
  EXPECT_THAT(error_of([&] { CaptionFile source(folder.put("a.csv", "x"), some_kinds()); }), HasSubstr(".jsonl"));
  EXPECT_THAT(error_of([&] { CaptionFile source(folder.put("a.txt", "x"), some_kinds({{.kind = "Colour"}})); }),
              HasSubstr("Color"));
  CaptionFile empty(folder.put("empty.txt", ""), some_kinds());
  EXPECT_EQ(empty.caption(0), std::nullopt);
}

TEST(PictureFolder, ReadsLlavaRecords) {
  const ScratchFolder folder;
  std::filesystem::create_directory(folder / "sub");
  folder.put("sub/1.png", png_bytes(1));
  folder.put("2.png", png_bytes(2));
  const std::string first =
      R"({"id": "1", "image": "sub/1.png", "conversations": [{"from": "human", "value": "<image>\nDescribe it."}, {"from": "gpt", "value": "One cat."}]})";
  const std::string second = R"({"file_name": "2.png", "caption": "Two cats."})";
  const std::string missing = R"({"image": "3.png", "caption": "Three cats."})";
  folder.put("captions.json", cat("[", first, ",\n", missing, ", 5,", second, "]"));
  PictureFolder from_array(folder.path(), some_kinds());
  EXPECT_THAT(captions_of(from_array), ElementsAre("One cat.", "Two cats."));
  EXPECT_THAT(from_array.broken().first, ElementsAre("captions.json:2: no picture 3.png"));
  folder.put("captions.jsonl", cat(first, "\n", missing, "\n", second, "\n"));
  PictureFolder from_lines(folder.path(), some_kinds());
  EXPECT_THAT(captions_of(from_lines), ElementsAre("One cat.", "Two cats."));

  const Item item = *from_lines.caption(0);
  EXPECT_EQ(item.source_picture, "sub/1.png");
  const EncodedPicture picture = SourcePainter(folder.path()).draw(item, {.stop = {}, .usage = nullptr});
  EXPECT_EQ(picture.extension, "png");
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(picture.bytes.data()), picture.bytes.size()), png_bytes(1));
}

TEST(PictureFolder, PairsPicturesWithTheTextsBesideThem) {
  const ScratchFolder folder;
  std::filesystem::create_directory(folder / "sub");
  folder.put("b.PNG", png_bytes());
  folder.put("b.txt", "One cat.\n");
  folder.put("sub/a.jpeg", png_bytes());
  folder.put("sub/a.txt", "Two cats.");
  folder.put("c.png", png_bytes());
  folder.put("notes.md", "no picture");
  PictureFolder source(folder.path(), some_kinds());
  EXPECT_THAT(captions_of(source), ElementsAre("One cat.", "Two cats."));
  ASSERT_EQ(source.broken().count, 1);
  EXPECT_THAT(source.broken().first[0], HasSubstr("c.txt: "));
}

TEST(PictureFolder, AsksAboutSinglePicturesOnly) {
  const ScratchFolder folder;
  std::string lines;
  for (int i = 0; i < 60; ++i)
    lines += R"({"image": "1.png", "caption": "One cat."})"
             "\n";
  folder.put("1.png", png_bytes());
  folder.put("captions.jsonl", lines + R"({"image": "1.png", "caption": "One cat.", "kinds": ["ContrastShort"]})");
  PictureFolder source(folder.path(), some_kinds());
  for (int64_t id = 0; id < 60; ++id) {
    const std::vector<std::string> kinds = source.caption(id).value().kinds;
    EXPECT_THAT(kinds, testing::Each(testing::Not(HasSubstr("Contrast"))));
  }
  EXPECT_EQ(source.caption(60), std::nullopt);
  EXPECT_THAT(source.broken().first, ElementsAre("captions.jsonl:61: ContrastShort compares two pictures"));
  EXPECT_THAT(error_of([&] { PictureFolder other(folder.path(), some_kinds({{.kind = "ContrastShort"}})); }),
              HasSubstr("a single picture"));
}

TEST(PictureFolder, NeverLeavesItsFolder) {
  const ScratchFolder outside;
  const std::string secret = outside.put("secret.png", png_bytes());
  const ScratchFolder folder;
  std::filesystem::create_symlink(secret, folder / "link.png");
  const std::string up = cat("../", std::filesystem::path(outside.path()).filename().string(), "/secret.png");
  std::string lines;
  for (const std::string& path : {secret, up, std::string("link.png")}) {
    lines += cat(R"({"image": ")", path, R"(", "caption": "One cat."})", "\n");
    Item item;
    item.source_picture = path;
    EXPECT_THROW(SourcePainter(folder.path()).draw(item, {.stop = {}, .usage = nullptr}), CallFailed) << path;
  }
  folder.put("captions.jsonl", lines);
  PictureFolder source(folder.path(), some_kinds());
  EXPECT_THAT(error_of([&] { source.caption(0); }), HasSubstr("none among 3"));
  EXPECT_THAT(source.broken().first, ElementsAre(HasSubstr("outside"), HasSubstr("outside"), HasSubstr("outside")));
}

TEST(PictureFolder, RefusesBrokenListsAndPictures) {
  const ScratchFolder folder;
  EXPECT_THAT(error_of([&] { PictureFolder source(folder / "none", some_kinds()); }),
              HasSubstr("a folder of pictures"));
  for (const char* text : {"{\"image\": \"1.png\"}", "[{\"caption\": \"x\"}", "5", "", "[}"}) {
    folder.put("captions.json", text);
    EXPECT_THAT(error_of([&] { PictureFolder source(folder.path(), some_kinds()); }), HasSubstr("a JSON array"))
        << text;
  }
  folder.put("captions.json", std::string(200'000, '['));
  EXPECT_THAT(error_of([&] { PictureFolder source(folder.path(), some_kinds()); }), HasSubstr("a JSON array"));
  folder.put("broken.png", png_bytes().substr(0, 40));
  Item item;
  item.source_picture = "broken.png";
  EXPECT_THROW(SourcePainter(folder.path()).draw(item, {.stop = {}, .usage = nullptr}), CallFailed);
}

}  // namespace
}  // namespace fusion
