// The recipes of examples/synth/ are what a user begins with, those of examples/nano/ what the shipped model is made
// of: all of them have to work.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "foundation/config/test_support.h"
#include "pipeline/preprocess/decode.h"
#include "workflows/synthesis/kinds/pick_kinds.h"
#include "workflows/synthesis/run/recipe.h"
#include "workflows/synthesis/run/run_sheet.h"
#include "workflows/synthesis/run/synthesis_run.h"

namespace fusion {

namespace {

namespace fs = std::filesystem;
using testing::IsSupersetOf;

const fs::path kRecipes = fs::path(FUSION_SOURCE_DIR) / "examples/synth";

std::vector<std::string> recipe_names() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kRecipes)) {
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
  }
  std::ranges::sort(names);
  return names;
}

std::string path_of(const std::string& name) {
  return (kRecipes / (name + ".yaml")).string();
}

std::string example_name(const testing::TestParamInfo<std::string>& example) {
  std::string name = example.param;
  std::ranges::replace_if(name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
  return name;
}

class ExampleRecipe : public testing::TestWithParam<std::string> {};

TEST_P(ExampleRecipe, IsARecipeWhoseKindsAndCaptionsAreThere) {
  const Recipe recipe = read_recipe(path_of(GetParam()));
  const KindRegistry kinds = recipe_kinds(recipe);
  const KindChoice choice(kinds, recipe.kinds, recipe.kinds_per_picture);
  EXPECT_FALSE(choice.pick_kinds(1, 0).empty());
  EXPECT_TRUE(recipe.captions_path.empty() || fs::exists(recipe.captions_path)) << recipe.captions_path;
}

INSTANTIATE_TEST_SUITE_P(Examples, ExampleRecipe, testing::ValuesIn(recipe_names()), example_name);

TEST(Examples, AreTheOnesThatTheDocsName) {
  EXPECT_THAT(recipe_names(),
              IsSupersetOf({"alignment", "endpoint", "instruction", "objects", "own-kind", "pictures", "world"}));
}

class WorldRecipe : public testing::TestWithParam<std::string> {};

TEST_P(WorldRecipe, MakesItsKindsFromNothingElse) {
  Recipe recipe = read_recipe(path_of(GetParam()));
  recipe.items = 20;
  recipe.render.width = recipe.render.height = 96;
  const ScratchFolder folder;
  const RunOutcome outcome = run_recipe(recipe, {.folder = folder.path() + "/run", .threads = 1});
  ASSERT_TRUE(outcome.exported);
  EXPECT_GE(outcome.stages.counts.kept, 20);
  EXPECT_EQ(outcome.stages.counts.failed_items(), 0);
  EXPECT_TRUE(fs::exists(folder.path() + "/run/data/train.jsonl"));
  const std::string sheet = folder.path() + "/sheet.png";
  EXPECT_EQ(write_sheet(folder.path() + "/run", sheet, {.count = 4}), 4);
  EXPECT_EQ(load_picture(sheet).width, 1204) << "four pictures of 280, with five gaps of 16.8";
}

INSTANTIATE_TEST_SUITE_P(Examples, WorldRecipe,
                         testing::Values("world", "alignment", "instruction", "own-kind", "../nano/signs",
                                         "../nano/words", "../nano/things", "../nano/names", "../nano/questions",
                                         "../nano/world", "../nano/ablation"),
                         example_name);

}  // namespace

}  // namespace fusion
