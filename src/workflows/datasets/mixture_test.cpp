#include "workflows/datasets/mixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "foundation/config/json_file.h"
#include "foundation/config/test_support.h"
#include "foundation/core/text.h"
#include "workflows/datasets/word_count.h"

namespace fusion {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

/// A record of so many words, with a picture where `image` is not empty.
std::string record(int id, int64_t words, const std::string& image = "") {
  std::string text = "w";
  for (int64_t i = 2; i < words; ++i) text += i % 2 == 0 ? "  w" : "\\nw";
  return cat(R"({"id": )", id, image.empty() ? "" : cat(R"(, "image": ")", image, '"'),
             R"(, "conversations": [{"from": "human", "value": ")", text, R"("}, {"from": "gpt", "value": " w "}]})");
}

std::string numbered_lines(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += record(i, 4 + i, i % 3 == 0 ? cat(i, ".jpg") : "") + "\n";
  return text;
}

std::string refusal(const std::string& path, const MixtureOptions& options = {}) {
  return error_of([&] { Mixture::open(path, options); });
}

TEST(CountWords, CountsAsPythonSplits) {
  EXPECT_EQ(count_words(""), 0);
  EXPECT_EQ(count_words(" \n\t "), 0);
  EXPECT_EQ(count_words("  two\nwords "), 2);
  EXPECT_EQ(count_words("a\xC2\xA0"
                        "b\xE3\x80\x80"
                        "c\x1C"
                        "d"),
            4)
      << "no-break, ideographic and file separators are spaces";
  EXPECT_EQ(count_words("a\xE2\x80\x8B"
                        "b"),
            1)
      << "a zero-width space is none";
}

TEST(Mixture, LengthsAreTheReferences) {
  const auto golden = read_json_file(FUSION_SOURCE_DIR "/parity/goldens/prompts/sampling.json");
  for (const auto& item : golden["sampling"]) {
    const ScratchFolder folder;
    folder.put("a.jsonl", numbered_lines(item["n"]));
    const auto mixture =
        Mixture::open(folder.put("mix.yaml", cat("datasets: [{json_path: a.jsonl, sampling_strategy: '",
                                                 item["strategy"].get<std::string>(), "'}]")),
                      {});
    const std::vector<int32_t> lengths(mixture->modality_lengths().begin(), mixture->modality_lengths().end());
    EXPECT_EQ(lengths, item["modality_lengths"].get<std::vector<int32_t>>());
    std::vector<int64_t> with_picture;
    for (const int32_t length : lengths) with_picture.push_back(length > 0 ? length + 128 : -length);
    EXPECT_EQ(with_picture, item["lengths"].get<std::vector<int64_t>>());
    const auto kept = item["kept"].get<std::vector<int>>();
    for (size_t i = 0; i < kept.size(); ++i) EXPECT_EQ(mixture->record(static_cast<int64_t>(i)).id, cat(kept[i]));
  }
}

TEST(Mixture, PutsDataSetsOneAfterAnother) {
  const ScratchFolder folder;
  fs::create_directory(folder / "sub");
  folder.put("sub/a.jsonl", numbered_lines(5));
  folder.put("b.json", cat("[", record(10, 2), ",", record(11, 2), "]"));
  const auto mixture = Mixture::open(folder.put("mix.yaml", R"(
datasets:
  - json_path: sub/a.jsonl
    sampling_strategy: end:2
  - json_path: b.json
)"),
                                     {});
  ASSERT_EQ(mixture->size(), 4);
  std::vector<std::string> ids;
  for (int64_t i = 0; i < mixture->size(); ++i) ids.push_back(mixture->record(i).id);
  EXPECT_THAT(ids, ElementsAre("3", "4", "10", "11"));
  EXPECT_EQ(mixture->data_set_of(1), 0);
  EXPECT_EQ(mixture->data_set_of(2), 1);
  EXPECT_EQ(mixture->record(2).data_set, 1);
  EXPECT_EQ(mixture->data_sets()[0].in_file, 5);
  EXPECT_EQ(mixture->data_sets()[1].strategy, "all");
  EXPECT_THAT(mixture->describe(0), EndsWith("sub/a.jsonl:4 (id 3)"));
  EXPECT_THAT(mixture->describe(3), EndsWith("b.json: element 2 (id 11)"));
  EXPECT_EQ(Mixture::open(folder / "b.json", {})->size(), 2);
}

TEST(Mixture, ABrokenRecordStaysInTheListWithLengthZero) {
  const ScratchFolder folder;
  const auto mixture = Mixture::open(
      folder.put("a.jsonl", cat(record(0, 4), "\n{\n", record(2, 3), "\n", record(3, 3).substr(0, 40))), {});
  EXPECT_THAT(std::vector<int32_t>(mixture->modality_lengths().begin(), mixture->modality_lengths().end()),
              ElementsAre(-4, 0, -3, 0));
  EXPECT_THAT(error_of([&] { mixture->record(1); }), HasSubstr("a.jsonl:2"));
  EXPECT_THAT(mixture->describe(3), EndsWith("a.jsonl:4"));
}

TEST(Mixture, LooksForPicturesInItsRoots) {
  const ScratchFolder folder;
  for (const char* name : {"first", "second", "own"}) fs::create_directory(folder / name);
  folder.put("first/1.jpg", "");
  folder.put("second/1.jpg", "");
  folder.put("second/2.jpg", "");
  folder.put("own/3.jpg", "");
  folder.put("4.jpg", "");
  folder.put("a.jsonl", record(1, 2, "2.jpg"));
  const std::string path = folder.put("mix.yaml", "datasets: [{json_path: a.jsonl, image_folder: own}]");
  const auto mixture = Mixture::open(path, {.image_roots = {folder / "first", folder / "second/"}});
  const auto found = [&](const std::string& image) {
    Record one = mixture->record(0);
    one.image = image;
    return mixture->picture_path(one);
  };
  EXPECT_EQ(found("1.jpg"), folder / "first/1.jpg");
  EXPECT_EQ(found("./x/../2.jpg"), folder / "second/2.jpg");
  EXPECT_EQ(found("3.jpg"), folder / "own/3.jpg");
  EXPECT_EQ(found("4.jpg"), folder / "4.jpg");
  EXPECT_EQ(found(folder / "second/2.jpg"), folder / "second/2.jpg");
  EXPECT_THAT(error_of([&] { found("5.jpg"); }), AllOf(HasSubstr("5.jpg"), HasSubstr("no such file")));
  // As a folder that may not be read: something else than that it is not there.
  fs::create_symlink("loop", folder / "second/loop");
  EXPECT_THAT(error_of([&] { found("loop/6.jpg"); }),
              AllOf(HasSubstr("second/loop/6.jpg: Too many levels of symbolic links"), Not(HasSubstr("no such file"))));
}

TEST(Mixture, PicturesStayInsideTheirRoots) {
  const ScratchFolder folder;
  fs::create_directories(folder / "data/images");
  folder.put("secret.jpg", "");
  folder.put("data/images-2.jpg", "");
  folder.put("data/a.jsonl", record(1, 2, "x.jpg"));
  const auto mixture = Mixture::open(folder / "data/a.jsonl", {.image_roots = {folder / "data/images"}});
  const auto refused = [&](const std::string& image) {
    Record one = mixture->record(0);
    one.image = image;
    return error_of([&] { mixture->picture_path(one); });
  };
  EXPECT_THAT(refused("../../secret.jpg"), HasSubstr("leads out of every folder"));
  EXPECT_THAT(refused("images/../../secret.jpg"), HasSubstr("leads out of every folder"));
  EXPECT_THAT(refused(folder / "secret.jpg"), HasSubstr("leads out of every folder"));
  EXPECT_THAT(refused("/etc/passwd"), HasSubstr("leads out of every folder"));
  EXPECT_THAT(refused(".."), HasSubstr("leads out of every folder"));
  EXPECT_THAT(refused("."), HasSubstr("leads out of every folder"));
}

TEST(Mixture, FingerprintChangesWithTheData) {
  const ScratchFolder folder;
  const auto print = [&](const std::string& mixture, uint64_t seed = 0) {
    return Mixture::open(folder.put("mix.yaml", mixture), {.seed = seed})->fingerprint();
  };
  folder.put("a.jsonl", numbered_lines(6));
  const uint64_t all = print("datasets: [{json_path: a.jsonl}]");
  EXPECT_EQ(print("datasets:\n- json_path: './a.jsonl'\n"), all);
  EXPECT_EQ(print("datasets: [{json_path: a.jsonl}]", 1), all) << "nothing random in it";
  EXPECT_NE(print("datasets: [{json_path: a.jsonl, sampling_strategy: 'first:5'}]"), all);
  const std::string random = "datasets: [{json_path: a.jsonl, sampling_strategy: 'random:3'}]";
  EXPECT_EQ(print(random, 1), print(random, 1));
  EXPECT_NE(print(random, 1), print(random, 2));
  folder.put("a.jsonl", numbered_lines(6) + "\n");
  EXPECT_NE(print("datasets: [{json_path: a.jsonl}]"), all);
}

TEST(Mixture, RefusesABrokenDescription) {
  const ScratchFolder folder;
  folder.put("a.jsonl", numbered_lines(3));
  folder.put("empty.jsonl", "\n");
  const auto described = [&](const std::string& text) { return refusal(folder.put("mix.yaml", text)); };
  EXPECT_THAT(described("datasets: [{json_path: a.jsonl, sampling: all}]"),
              AllOf(HasSubstr("'datasets[0].sampling'"), HasSubstr("only known keys")));
  EXPECT_THAT(described("dataset: [{json_path: a.jsonl}]"), HasSubstr("(did you mean 'datasets'?)"));
  EXPECT_THAT(described("datasets: []"), HasSubstr("an empty list"));
  EXPECT_THAT(described(""), HasSubstr("mix.yaml"));
  EXPECT_THAT(described("datasets: [a.jsonl]"), HasSubstr("datasets[0]"));
  EXPECT_THAT(described("datasets: [{sampling_strategy: all}]"), HasSubstr("'datasets[0].json_path'"));
  EXPECT_THAT(described("datasets: [{json_path: a.jsonl, sampling_strategy: most}]"),
              AllOf(HasSubstr("mix.yaml: datasets[0]"), HasSubstr("first:N")));
  EXPECT_THAT(described("datasets: [{json_path: b.jsonl}]"), HasSubstr("b.jsonl"));
  EXPECT_THAT(described("datasets: [{json_path: a.jsonl, image_folder: none}]"), HasSubstr("which is missing"));
  EXPECT_THAT(described("datasets: [{json_path: empty.jsonl}]"), HasSubstr("expected some records"));
  EXPECT_THAT(refusal(folder / "a.jsonl", {.image_roots = {folder / "a.jsonl"}}), HasSubstr("which is none"));
  EXPECT_THAT(refusal(folder / "mix.txt"), HasSubstr("mix.txt"));
}

}  // namespace
}  // namespace fusion
