#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "foundation/config/test_support.h"
#include "foundation/core/text.h"
#include "workflows/synthesis/run/recipe.h"
#include "workflows/synthesis/run/run_folder.h"
#include "workflows/synthesis/run/run_roles.h"

namespace fusion {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string digest_of(const ScratchFolder& folder, const std::string& yaml) {
  return recipe_digest(read_recipe(folder.put("recipe.yaml", yaml)));
}

std::string with_endpoint(const std::string& more) {
  return cat("text:\n  from: endpoint\n  endpoint: {base_url: 'http://a:1/v1', model: m", more, "}\n");
}

TEST(RecipeDigest, LetsARunGoOnWhereAnEndpointIsCalledInAnotherWay) {
  const ScratchFolder folder;
  const std::string first = digest_of(folder, with_endpoint(""));
  for (const char* more : {", concurrency: 2", ", timeout: 9", ", requests_per_minute: 5", ", max_attempts: 9",
                           ", price_per_million_input_tokens: 3"}) {
    EXPECT_EQ(digest_of(folder, with_endpoint(more)), first) << more;
  }
  EXPECT_EQ(digest_of(folder, "text: {from: endpoint, endpoint: {base_url: 'http://b:2/v1', model: m}}"), first);
  EXPECT_NE(digest_of(folder, with_endpoint(", temperature: 1")), first);
  EXPECT_NE(digest_of(folder, "text: {from: endpoint, endpoint: {base_url: 'http://a:1/v1', model: n}}"), first);
}

TEST(DifferingKeys, AreThoseThatTheDigestFollows) {
  const ScratchFolder folder;
  const auto recipe_of = [&](const std::string& yaml) { return read_recipe(folder.put("recipe.yaml", yaml)); };
  const Recipe plain = recipe_of("{}");
  const auto keys_of = [&](const std::string& yaml) { return differing_keys(plain, recipe_of(yaml)); };
  EXPECT_THAT(keys_of("items: 3\nseed: 4\nexport: {test: 0.5}\nworkers: {draw: 2}\n"), ElementsAre());
  EXPECT_THAT(keys_of("kinds_per_picture: 2\nrender: {width: 64, noise: 0}\n"),
              ElementsAre("kinds_per_picture", "render.width", "render.noise"));
  EXPECT_THAT(keys_of("filters: {balance: false}\n"), ElementsAre("filters.balance"));
  folder.put("mine.yaml",
             "name: Mine\nfamily: alignment\nhelp: h\nexpand_prompt: '{caption}'\nask_prompt: '{description}'\n");
  EXPECT_THAT(keys_of("kind_files: [mine.yaml]\nkinds: [Mine]\n"), ElementsAre("kinds.Mine", "kind_files"));
}

TEST(KeptRecipe, FindsBenchmarksAndCaptionsFromItsOwnFolder) {
  const ScratchFolder folder;
  fs::create_directories(folder / "in/bench");
  fs::create_directories(folder / "in/pictures");
  fs::create_directories(folder / "out");
  fs::create_directories(folder / "in/x");
  folder.put("in/words.txt", "nasty\n");
  const std::string path = folder.put("in/recipe.yaml", cat(with_endpoint(""), R"(
captions: {from: pictures, path: pictures/}
pictures: {from: captions}
filters: {unsafe_words: {list: words.txt}, leakage: {benchmarks: [bench/, ')",
                                                            folder / "in/x", "']}}\n"));
  const Recipe recipe = read_recipe(path);
  EXPECT_THAT(recipe.filters.leakage.benchmarks, ElementsAre(folder / "in/bench", folder / "in/x"));
  keep_recipe(recipe, folder / "out");
  const Recipe kept = kept_recipe(folder / "out");
  ASSERT_EQ(kept.filters.leakage.benchmarks.size(), 2u);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_TRUE(fs::equivalent(kept.filters.leakage.benchmarks[i], recipe.filters.leakage.benchmarks[i]));
  }
  EXPECT_TRUE(fs::equivalent(kept.filters.unsafe_words.list, folder / "in/words.txt"));
  EXPECT_TRUE(fs::equivalent(kept.captions_path, recipe.captions_path));
  EXPECT_EQ(recipe_digest(kept), recipe_digest(recipe));
  EXPECT_THAT(recipe_to_json(recipe).dump(), Not(HasSubstr(folder.path()))) << "a data card shows no machine's paths";
}

TEST(KeptRecipe, IsTheSameRecipeWithItsKindFiles) {
  const ScratchFolder folder;
  fs::create_directories(folder / "out");
  folder.put("mine.yaml",
             "name: Mine\nfamily: alignment\nhelp: h\nexpand_prompt: '{caption}'\nask_prompt: '{description}'\n");
  const Recipe recipe = read_recipe(folder.put("recipe.yaml", cat(with_endpoint(""), "kind_files: [mine.yaml]\n")));
  keep_recipe(recipe, folder / "out");
  EXPECT_EQ(recipe_digest(kept_recipe(folder / "out")), recipe_digest(recipe));

  keep_recipe(kept_recipe(folder / "out"), folder / "out");
  EXPECT_EQ(recipe_digest(kept_recipe(folder / "out")), recipe_digest(recipe));
  for (const auto& file : fs::directory_iterator(folder / "out/kinds"))
    EXPECT_EQ(file.path().filename(), "0-mine.yaml");
}

TEST(RunRoles, ScenesThatAreDrawnAreDescribedByTheWorldThatMadeThem) {
  const ScratchFolder folder;
  const Recipe drawn = read_recipe(folder.put("drawn.yaml", with_endpoint("")));
  const RunRoles roles = make_roles(drawn);
  ASSERT_NE(roles.describer, nullptr);
  EXPECT_EQ(&roles.roles().expand, roles.describer.get());
  EXPECT_EQ(&roles.roles().ask, roles.writer.get());
  EXPECT_EQ(stage_options(drawn, 1).expand.provider, "grammar");
  EXPECT_EQ(stage_options(drawn, 1).ask.provider, "m at http://a:1/v1");

  const Recipe painted = read_recipe(folder.put(
      "painted.yaml",
      cat(with_endpoint(""), "pictures: {from: endpoint, endpoint: {base_url: 'http://a:1/v1', model: p}}\n")));
  EXPECT_EQ(make_roles(painted).describer, nullptr);
}

}  // namespace
}  // namespace fusion
