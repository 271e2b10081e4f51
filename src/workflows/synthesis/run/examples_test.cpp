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
const fs::path kNanoRecipes = fs::path(FUSION_SOURCE_DIR) / "examples/nano/data";

std::vector<std::string> names_in(const fs::path& folder, const std::string& prefix = "") {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".yaml") names.push_back(prefix + entry.path().stem().string());
  }
  std::ranges::sort(names);
  return names;
}

std::vector<std::string> recipe_names() {
  return names_in(kRecipes);
}

std::vector<std::string> world_recipes() {
  std::vector<std::string> names = names_in(kNanoRecipes, "../nano/data/");
  for (const char* name : {"world", "alignment", "instruction", "own-kind"}) names.emplace_back(name);
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

INSTANTIATE_TEST_SUITE_P(Examples, WorldRecipe, testing::ValuesIn(world_recipes()), example_name);

/// What decides which compositions are held out, and what pictures look like.
nlohmann::ordered_json world_of(const Recipe& recipe) {
  nlohmann::ordered_json json = recipe_to_json(recipe);
  nlohmann::ordered_json world = json["world"];
  for (const char* own : {"compositions", "max_count", "max_groups", "settings"}) world.erase(own);
  return {{"world", world}, {"objects", json["objects"]}, {"render", json["render"]}};
}

TEST(NanoRecipes, NeverShowWhatTheTestHoldsOut) {
  const auto test = read_recipe(FUSION_SOURCE_DIR "/models/nano/test/recipe.yaml");
  ASSERT_EQ(test.world.compositions, "held_out");
  int64_t trained_on = 0;
  for (const std::string& name : names_in(kNanoRecipes)) {
    SCOPED_TRACE(name);
    const Recipe recipe = read_recipe((kNanoRecipes / (name + ".yaml")).string());
    EXPECT_EQ(world_of(recipe), world_of(test));
    if (name == "ablation") continue;  // a test as well
    EXPECT_EQ(recipe.world.compositions, "train");
    EXPECT_NE(recipe.seed, test.seed);
    ++trained_on;
  }
  EXPECT_GE(trained_on, 8);
}

}  // namespace

}  // namespace fusion
