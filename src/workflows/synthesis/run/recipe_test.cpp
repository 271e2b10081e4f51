#include "workflows/synthesis/run/recipe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "foundation/config/test_support.h"
#include "foundation/core/text.h"
#include "workflows/synthesis/run/run_roles.h"

namespace fusion {
namespace {

using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;
using Json = nlohmann::ordered_json;

constexpr const char* kEverythingElsewhere = R"(
kinds: {Color: 2, ConvLong: 0.5}
kind_files: [mine.yaml]
captions: {from: file, path: captions.txt}
text: {from: endpoint, endpoint: {base_url: 'http://a:1/v1', model: m}}
pictures: {from: endpoint, endpoint: {base_url: 'http://a:1/v1', model: m}}
agreement: {endpoint: {base_url: 'http://a:1/v1', model: m}}
)";

class RecipeFile : public testing::Test {
 protected:
  Recipe read(const std::string& text) { return read_recipe(folder_.put("recipe.yaml", text)); }
  std::string refusal(const std::string& text) {
    SCOPED_TRACE(text);
    return error_of([&] { read(text); });
  }
  /// Of a recipe that can be read, when the run is made ready.
  std::string refusal_of_roles(const std::string& text) {
    SCOPED_TRACE(text);
    const Recipe recipe = read(text);
    return error_of([&] { make_roles(recipe); });
  }
  bool is_read(const Json& json) {
    try {
      read(json.dump());
      return true;
    } catch (const Error&) {
      return false;
    }
  }

  ScratchFolder folder_;
};

/// Calls `visit` with the path of each value that is no section.
void each_value(const Json& json, const Json::json_pointer& path,
                const std::function<void(const Json::json_pointer&)>& visit) {
  if (!json.is_object() || json.empty()) return visit(path);
  for (const auto& [key, value] : json.items()) each_value(value, path / key, visit);
}

/// What may stand in place of a value.
std::vector<Json> others(const Json& value) {
  if (value.is_boolean()) return {!value.get<bool>()};
  if (value.is_number_integer()) return {value.get<int64_t>() + 1, value.get<int64_t>() - 1};
  if (value.is_number()) return {value.get<double>() * 0.9, value.get<double>() + 0.25, 1.0};
  if (value.is_string()) return {"other", "OTHER", "png", "train", "url", "http://b:2/v1"};
  if (value.is_array()) return {Json::array({"other"}), Json::array({"shapes"})};
  return {1.5, 5};
}

TEST_F(RecipeFile, EveryKeyIsReadAndWritten) {
  // Each of them needs another one beside it.
  const std::set<std::string> together = {
      "/kinds",         "/captions/from",     "/captions/path",      "/text/from",      "/text/endpoint",
      "/pictures/from", "/pictures/endpoint", "/agreement/endpoint", "/agreement/model"};
  for (const char* base : {"items: 5", kEverythingElsewhere}) {
    const Json written = recipe_to_json(read(base));
    EXPECT_EQ(recipe_to_json(read(written.dump())), written);
    each_value(written, Json::json_pointer(), [&](const Json::json_pointer& path) {
      if (together.contains(path.to_string())) return;
      bool changed = false;
      for (const Json& other : others(written.at(path))) {
        Json json = written;
        json.at(path) = other;
        if (json == written || !is_read(json)) continue;
        EXPECT_EQ(recipe_to_json(read(json.dump())), json) << path.to_string();
        changed = true;
        break;
      }
      EXPECT_TRUE(changed) << path.to_string() << " takes no other value";
    });
  }
}

TEST_F(RecipeFile, TakesPathsFromItsOwnFolder) {
  const Recipe recipe = read(kEverythingElsewhere);
  EXPECT_EQ(recipe.captions_path, folder_ / "captions.txt");
  EXPECT_THAT(recipe.kind_files, testing::ElementsAre(folder_ / "mine.yaml"));
  EXPECT_EQ(read("captions: {from: pictures, path: /data/p}\ntext: {from: endpoint, endpoint: {base_url: 'http://a', "
                 "model: m}}\npictures: {from: captions}")
                .captions_path,
            "/data/p");
}

TEST_F(RecipeFile, KindsAreAListOrAMap) {
  EXPECT_TRUE(read("items: 5").kinds.empty());
  EXPECT_TRUE(read("kinds: null").kinds.empty());
  const Recipe list = read("kinds: [Count, Color]");
  ASSERT_EQ(list.kinds.size(), 2);
  EXPECT_EQ(list.kinds[0].weight, 1);
  const Recipe map = read("kinds: {Count: 3}");
  ASSERT_EQ(map.kinds.size(), 1);
  EXPECT_EQ(map.kinds[0].kind, "Count");
  EXPECT_EQ(map.kinds[0].weight, 3);
}

TEST_F(RecipeFile, UnknownKeysAreErrorsThatNameTheNearOne) {
  const std::string endpoint = "{base_url: 'http://a:1/v1', model: m";
  const std::pair<std::string, std::string> cases[] = {
      {"item: 5", "items"},
      {"kinds_per_pictures: 2", "kinds_per_picture"},
      {"caption: {from: world}", "captions"},
      {"captions: {form: world}", "from"},
      {"text: {from: grammar, send_pictures: true}", "send_picture"},
      {cat("text: {from: endpoint, endpoint: ", endpoint, ", concurency: 2}}"), "concurrency"},
      {"pictures: {form: renderer}", "from"},
      {cat("pictures: {from: endpoint, image: {widht: 64}, endpoint: ", endpoint, "}}"), "width"},
      {cat("agreement: {endpoints: ", endpoint, "}}"), "endpoint"},
      {"world: {max_counts: 5}", "max_count"},
      {"objects: {stamp: /usr}", "stamps"},
      {"render: {widht: 64}", "width"},
      {"filters: {blank_pictures: {min_contrast: 5}}", "blank_picture"},
      {"filters: {blank_picture: {min_contrasts: 5}}", "min_contrast"},
      {"export: {validaton: 0.1}", "validation"},
      {"limits: {max_costs: 5}", "max_cost"},
      {"workers: {drew: 2}", "draw"},
  };
  for (const auto& [text, near] : cases) {
    EXPECT_THAT(refusal(text), AllOf(HasSubstr("recipe.yaml"), HasSubstr(near))) << text;
  }
}

TEST_F(RecipeFile, PartsHaveToFitTogether) {
  const std::string text = "text: {from: endpoint, endpoint: {base_url: 'http://a:1/v1', model: m}}\n";
  const std::string endpoint = "endpoint: {base_url: 'http://a:1/v1', model: m}";
  EXPECT_THAT(refusal("captions: {from: file, path: c.txt}"), AllOf(HasSubstr("text.from"), HasSubstr("from file")));
  EXPECT_THAT(refusal(text + "captions: {from: file, path: c.txt}"), HasSubstr("pictures.from"));
  EXPECT_THAT(refusal(text + "pictures: {from: captions}"), HasSubstr("bring no pictures"));
  EXPECT_THAT(refusal(cat("pictures: {from: endpoint, ", endpoint, "}")), HasSubstr("grammar"));
  EXPECT_THAT(refusal(cat("text: {", endpoint, "}")), HasSubstr("write from: endpoint"));
  EXPECT_THAT(refusal("text: {from: endpoint}"), HasSubstr("base_url and model"));
  EXPECT_THAT(refusal("text: {from: endpoint, endpoint: {base_url: 'http://a:1/v1'}}"), HasSubstr("model"));
  EXPECT_THAT(refusal("captions: {path: c.txt}"), HasSubstr("from: file"));
  EXPECT_THAT(refusal("captions: {from: file}"), HasSubstr("captions.path"));
  EXPECT_THAT(refusal("captions: {from: wordl}"), AllOf(HasSubstr("world, file, pictures"), HasSubstr("wordl")));
}

TEST_F(RecipeFile, AKeyHasNoPlaceInIt) {
  const std::string message =
      refusal("text: {from: endpoint, endpoint: {base_url: 'http://a', model: m, key_variable: sk-proj-1234abcd}}");
  EXPECT_THAT(message, AllOf(HasSubstr("key_variable"), HasSubstr("export"), Not(HasSubstr("1234abcd"))));
  EXPECT_THAT(refusal("text: {from: endpoint, endpoint: {base_url: 'http://a/v1?key=1234abcd', model: m}}"),
              AllOf(HasSubstr("base_url"), Not(HasSubstr("1234abcd"))));
  EXPECT_THAT(refusal_of_roles("text: {from: endpoint, endpoint: {base_url: 'http://a', model: m, key_variable: "
                               "FUSION_TEST_NO_SUCH_KEY}}"),
              HasSubstr("FUSION_TEST_NO_SUCH_KEY"));
}

TEST_F(RecipeFile, NumbersHaveRanges) {
  const std::pair<const char*, const char*> cases[] = {
      {"items: 0", "items"},
      {"items: ten", "items"},
      {"items: 1.5", "items"},
      {"seed: -1", "seed"},
      {"kinds_per_picture: 0", "kinds_per_picture"},
      {"kinds_per_picture: 13", "kinds_per_picture"},
      {"render: {width: 10}", "width"},
      {"render: {noise: 1.5}", "noise"},
      {"export: {validation: 1.5}", "validation"},
      {"export: {shard_samples: 0}", "shard_samples"},
      {"filters: {blank_picture: {min_contrast: -1}}", "min_contrast"},
      {"limits: {max_cost: -1}", "max_cost"},
      {"limits: {max_tokens: -1}", "max_tokens"},
      {"workers: {draw: -1}", "draw"},
      {"workers: {ask: 5000}", "ask"},
      {"kinds: {Color: many}", "Color"},
      {"kinds: 5", "kinds"},
      {"world: 5", "world"},
  };
  for (const auto& [text, key] : cases) {
    EXPECT_THAT(refusal(text), AllOf(HasSubstr("recipe.yaml"), HasSubstr(key))) << text;
  }
}

TEST_F(RecipeFile, KindsAndSettingsAreLookedUpBeforeARunBegins) {
  EXPECT_THAT(refusal_of_roles("kinds: [Colour]"), HasSubstr("Color"));
  EXPECT_THAT(refusal_of_roles("kinds: [Color, Color]"), HasSubstr("Color"));
  EXPECT_THAT(refusal_of_roles("kinds: {Color: 0}"), HasSubstr("Color"));
  EXPECT_THAT(refusal_of_roles("kinds: {Color: -1}"), HasSubstr("Color"));
  EXPECT_THAT(refusal_of_roles("kind_files: [none.yaml]"), HasSubstr("none.yaml"));
  EXPECT_THAT(refusal_of_roles("world: {settings: [beech]}"), HasSubstr("beach"));
  EXPECT_THAT(refusal_of_roles("world: {max_count: 1}"), HasSubstr("max_count"));
  EXPECT_THAT(refusal_of_roles("world: {occlusion: 2}"), HasSubstr("occlusion"));
  EXPECT_THAT(refusal_of_roles("objects: {objects: [shape]}"), HasSubstr("shapes"));
  EXPECT_THAT(refusal_of_roles("objects: {objects: [openclipart], openclipart: /no/such}"), HasSubstr("openclipart"));
}

TEST_F(RecipeFile, HasToBeAMap) {
  EXPECT_THAT(error_of([&] { read_recipe(folder_ / "none.yaml"); }), HasSubstr("none.yaml"));
  EXPECT_THAT(refusal("- items"), HasSubstr("recipe.yaml"));
  EXPECT_THAT(refusal("items: [1"), HasSubstr("recipe.yaml"));
  EXPECT_THAT(refusal("items: 1\nitems: 2"), HasSubstr("items"));
}

TEST_F(RecipeFile, TheDigestIsOfWhatTheItemsDependOn) {
  const std::string digest = recipe_digest(read("items: 5"));
  for (const char* same : {"items: 9", "seed: 4", "export: {validation: 0.3}", "workers: {draw: 3}",
                           "limits: {max_cost: 4}", "render: {width: 384}"}) {
    EXPECT_EQ(recipe_digest(read(same)), digest) << same;
  }
  for (const char* other : {"kinds: [Color]", "kinds_per_picture: 2", "render: {width: 385}", "world: {charts: 0.2}",
                            "objects: {objects: [shapes]}", "filters: {language: false}"}) {
    EXPECT_NE(recipe_digest(read(other)), digest) << other;
  }
}

TEST_F(RecipeFile, HelpListsEveryKey) {
  const std::string help = cat("\n", describe_recipe());
  const Json recipe = recipe_to_json(read("items: 5"));
  for (const auto& [key, value] : recipe.items()) {
    EXPECT_THAT(help, AnyOf(HasSubstr(cat("\n", key, " ")), HasSubstr(cat("\n", key, ".")),
                            HasSubstr(cat("\n", key, ":")), HasSubstr(cat("\n", key, ","))));
  }
}

}  // namespace
}  // namespace fusion
