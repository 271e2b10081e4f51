#include "workflows/evaluation/exam/exam.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "foundation/config/test_support.h"

namespace fusion {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

constexpr const char* kRecord =
    R"({"id":"1-Color","kind":"Color","image":"images/a.png","conversations":[)"
    R"({"from":"human","value":"<image>\nWhat color is it?"},{"from":"gpt","value":"Red","truth":"red"}]})"
    "\n";

std::string put(const ScratchFolder& folder, const std::string& name, const std::string& text) {
  fs::create_directories(fs::path(folder / name).parent_path());
  return folder.put(name, text);
}

Recipe small_recipe(const ScratchFolder& folder) {
  return read_recipe(folder.put("recipe.yaml",
                                "items: 6\nseed: 4\nkinds: {Color: 1}\nworld: {signs: [word]}\n"
                                "filters: {duplicate_caption: false, caption_diversity: false, balance: false}\n"));
}

TEST(Exam, PicturesOfARunLieBesideItsFolderOthersBesideTheRecords) {
  const ScratchFolder folder;
  const std::string of_a_run = put(folder, "run/data/test.jsonl", kRecord);
  put(folder, "run/images/a.png", "");
  const std::string by_itself = put(folder, "set/test.jsonl", kRecord);
  put(folder, "set/images/a.png", "");
  EXPECT_TRUE(fs::equivalent(exam_of_records(of_a_run).picture_folder, folder / "run"));
  EXPECT_TRUE(fs::equivalent(exam_of_records(by_itself).picture_folder, folder / "set"));
  EXPECT_EQ(exam_of_records(by_itself).questions.size(), 1u);
}

TEST(Exam, AModelWithoutATestNamesWhatWouldBeOne) {
  const ScratchFolder folder;
  EXPECT_THAT(error_of([&] { test_of_model(folder.path()); }),
              AllOf(HasSubstr("test/recipe.yaml"), HasSubstr("`fusion synth`")));
  const std::string recipe = put(folder, "test/recipe.yaml", "items: 1\n");
  EXPECT_TRUE(fs::equivalent(test_of_model(folder.path()), recipe));
}

TEST(Exam, ARecipesTestIsMadeOnceAndAllOfItIsAsked) {
  const ScratchFolder folder;
  const Recipe recipe = small_recipe(folder);
  int made = 0;
  ExamMaking making{.folder = folder / "exam", .threads = 1, .on_progress = [&](uint64_t done, uint64_t total) {
                      EXPECT_LE(done, total);
                      ++made;
                    }};
  const Exam exam = exam_of_recipe(recipe, making);
  EXPECT_GT(made, 0);
  ASSERT_GE(exam.questions.size(), 6u);
  for (const ExamQuestion& question : exam.questions) {
    EXPECT_TRUE(fs::exists(fs::path(exam.picture_folder) / question.image)) << question.image;
  }
  const auto drawn = fs::last_write_time(fs::path(exam.picture_folder) / exam.questions.front().image);
  const Exam again = exam_of_recipe(recipe, making);
  EXPECT_EQ(again.questions.size(), exam.questions.size());
  EXPECT_EQ(fs::last_write_time(fs::path(again.picture_folder) / again.questions.front().image), drawn);
}

TEST(Exam, AFolderIsReadOnlyForTheTestThatItHas) {
  const ScratchFolder folder;
  Recipe recipe = small_recipe(folder);
  const ExamMaking making{.folder = folder / "exam", .threads = 1};
  const size_t questions = exam_of_recipe(recipe, making).questions.size();
  // Nothing but questions and pictures is needed again.
  fs::remove(folder / "exam/run/store.sqlite");
  EXPECT_EQ(exam_of_recipe(recipe, making).questions.size(), questions);
  recipe.items += 1;
  EXPECT_THAT(error_of([&] { exam_of_recipe(recipe, making); }), AllOf(HasSubstr("exam.json"), HasSubstr("--work")));
}

TEST(Exam, WhatIsGoneOfATestIsMadeAgain) {
  const ScratchFolder folder;
  const ExamMaking making{.folder = folder / "exam", .threads = 1};
  const Exam exam = exam_of_recipe(small_recipe(folder), making);
  const fs::path picture = fs::path(exam.picture_folder) / exam.questions.front().image;
  fs::remove(picture);
  fs::remove(folder / "exam/run/data/test.jsonl");
  EXPECT_EQ(exam_of_recipe(small_recipe(folder), making).questions.size(), exam.questions.size());
  EXPECT_TRUE(fs::exists(picture));
}

TEST(Exam, APictureThatIsMissingIsNamed) {
  const ScratchFolder folder;
  const Exam exam = exam_of_records(put(folder, "set/test.jsonl", kRecord));
  EXPECT_THAT(error_of([&] { require_pictures(exam); }), AllOf(HasSubstr("images/a.png"), HasSubstr("no such file")));
  put(folder, "set/images/a.png", "");
  EXPECT_NO_THROW(require_pictures(exam));
}

TEST(Exam, StoppedItHasNoQuestions) {
  const ScratchFolder folder;
  std::stop_source stop;
  stop.request_stop();
  EXPECT_TRUE(exam_of_recipe(small_recipe(folder), {.folder = folder / "exam", .threads = 1, .stop = stop.get_token()})
                  .questions.empty());
}

TEST(Exam, FoldersOfOtherRecipesAndVersionsHaveOtherNames) {
  const ScratchFolder folder;
  Recipe recipe = small_recipe(folder);
  const std::string name = exam_folder_name(recipe, "1.0");
  EXPECT_EQ(exam_folder_name(recipe, "1.0"), name);
  EXPECT_NE(exam_folder_name(recipe, "1.1"), name);
  recipe.seed += 1;
  EXPECT_NE(exam_folder_name(recipe, "1.0"), name);
}

TEST(Exam, ARecipeIsToldFromRecords) {
  EXPECT_TRUE(is_recipe("a/test.yaml"));
  EXPECT_TRUE(is_recipe("test.yml"));
  EXPECT_FALSE(is_recipe("test.yaml.jsonl"));
}

}  // namespace
}  // namespace fusion
