// fusion synth with input that is wrong, and with a disk that fills.

#include <filesystem>
#include <fstream>

#include "tests/synth_support.h"
#include "workflows/synthesis/endpoints/test_support.h"

namespace fusion {
namespace {

using testing::AllOf;
using testing::HasSubstr;

namespace fs = std::filesystem;

class SynthInput : public SynthTest {
 protected:
  /// Expects a refusal of the recipe before anything is made of it.
  void expect_refused(const std::function<void(nlohmann::json&)>& edit, const Words& parts) const {
    Words words = synth(recipe("wrong", edit), output("refused"));
    words.emplace_back("--quiet");
    expect_failure(words, parts);
    EXPECT_FALSE(fs::exists(output("refused") + "/data"));
  }
  /// A recipe whose texts come from an endpoint there.
  std::function<void(nlohmann::json&)> with_endpoint(const std::string& url, const std::string& key = "") const {
    folder_.put("captions.txt", "A red car stands beside two blue houses in the park.\n");
    const nlohmann::json endpoint = {{"base_url", url}, {"model", "test"}, {"key_variable", key}, {"timeout", 5}};
    return [endpoint](nlohmann::json& json) {
      json["captions"] = {{"from", "file"}, {"path", "captions.txt"}};
      json["text"] = {{"from", "endpoint"}, {"endpoint", endpoint}};
      json["pictures"] = {{"from", "endpoint"}, {"endpoint", endpoint}};
    };
  }
};

TEST_F(SynthInput, WrongCommandLinesAreRefused) {
  const std::string path = recipe("good");
  expect_usage_error({"synth", path}, {"--out is required", "`fusion synth --help`"});
  expect_usage_error({"synth"}, {"recipe is required"});
  expect_usage_error(synth(path, output("x"), {"--limt", "3"}), {"--limt", "--limit"});
  expect_usage_error(synth(path, output("x"), {"--limit", "0"}), {"--limit"});
  for (const char* shard : {"half", "2/2", "-1/2", "0/0", "1", "1/2/3", "0/99999999999999999999"}) {
    expect_usage_error(synth(path, output("x"), {cat("--shard=", shard)}), {"--shard", "I/N", shard});
  }
  expect_usage_error({"synth", "status"}, {"DIR is required"});
  expect_failure({"synth", folder_ / "none.yaml", "--out", output("x")}, {"none.yaml", "a readable file"});
  for (const char* command : {"status", "retry", "report", "export"}) {
    expect_failure({"synth", command, output("x")}, {"the store of a synthesis run", "no such file"});
  }
  EXPECT_FALSE(fs::exists(output("x")));
}

TEST_F(SynthInput, WrongRecipesAreRefusedByTheirKey) {
  expect_refused([](auto& json) { json["itemz"] = 5; }, {"wrong.yaml", "'itemz'", "did you mean 'items'"});
  expect_refused([](auto& json) { json["render"]["widht"] = 5; }, {"'render", "widht", "width"});
  expect_refused([](auto& json) { json["filters"] = {{"balanse", {{"slack", 3}}}}; }, {"balanse", "balance"});
  expect_refused([](auto& json) { json["kinds"] = {"Colr"}; }, {"'Colr'", "did you mean Color?"});
  expect_refused([](auto& json) { json["kinds"] = {{"Color", -1}}; }, {"Color", "-1"});
  expect_refused([](auto& json) { json["kind_files"] = {"none.yaml"}; }, {"none.yaml"});
  expect_refused([](auto& json) { json["items"] = 0; }, {"items"});
  expect_refused([](auto& json) { json["render"]["width"] = 1; }, {"width"});
  expect_refused([](auto& json) { json["objects"] = {{"objects", {"shapes", "clipparts"}}}; }, {"clipparts"});
  expect_refused([](auto& json) { json["captions"] = {{"from", "file"}}; }, {"captions.path"});
  expect_refused([](auto& json) { json["text"] = {{"from", "endpoint"}}; }, {"text.endpoint", "base_url"});
  expect_failure(synth(folder_.put("half.yaml", "items: [3"), output("x")), {"half.yaml", "line"});
}

TEST_F(SynthInput, AnEndpointThatCannotBeUsedStopsTheRunAndSaysWhy) {
  const OpenAiServer server({"--key", "sesame"});
  expect_refused(with_endpoint(server.url(), "FUSION_TEST_NO_KEY"), {"FUSION_TEST_NO_KEY", "no such variable"});
  expect_refused(with_endpoint(server.url()), {"status 401", "check the key"});
  const auto edit = with_endpoint(server.url(), "FUSION_TEST_KEY");
  const auto wrong_key = run_fusion(synth(recipe("key", edit), output("key"), {"--quiet"}),
                                    {.variables = {{"FUSION_TEST_KEY", "open-barley"}}});
  EXPECT_EQ(wrong_key.exit_code, 1);
  EXPECT_THAT(wrong_key.err, AllOf(HasSubstr("status 401"), testing::Not(HasSubstr("open-barley"))));
  const auto right_key = run_fusion(synth(recipe("key", edit), output("key"), {"--quiet"}),
                                    {.variables = {{"FUSION_TEST_KEY", "sesame"}}});
  EXPECT_EQ(right_key.exit_code, 0) << right_key.err << "a run that was refused goes on with the key";
  expect_refused(with_endpoint("http://127.0.0.1:1/v1"), {"127.0.0.1:1", "nobody listening"});
  expect_refused(with_endpoint("ftp://127.0.0.1/v1"), {"base_url", "ftp"});
}

TEST_F(SynthInput, AFolderBelongsToOneRecipeAndSeed) {
  const std::string path = recipe("first");
  const std::string out = output("run");
  run_to_end(synth(path, out));
  const auto before = data_files(out);
  expect_failure(synth(path, out, {"--seed", "9", "--quiet"}), {"another one", "seed: 3 and 9", "another output"});
  expect_failure(synth(path, out, {"--shard", "0/2", "--quiet"}), {"another one", "shards: 1 and 2"});
  const std::string other = recipe("other", [](auto& json) { json["render"]["noise"] = 0; });
  expect_failure(synth(other, out, {"--quiet"}), {"another one", "render.noise"});
  expect_failure({"synth", "merge", out, "--out", out}, {"the folder of a run"});
  expect_failure(synth(path, folder_.path(), {"--quiet"}), {"an empty folder", "first.yaml"});
  EXPECT_EQ(data_files(out), before);
}

TEST_F(SynthInput, AStoreOfANewerVersionAndADamagedOneAreLeftAlone) {
  const std::string path = recipe("version");
  const std::string out = output("run");
  run_to_end(synth(path, out, {"--limit", "5"}));
  // A SQLite file has its user_version there, in four bytes.
  std::fstream(out + "/store.sqlite", std::ios::in | std::ios::out | std::ios::binary).seekp(63).put('\7');
  const Words refusal{"version 7", "a newer program wrote it"};
  expect_failure(synth(path, out, {"--quiet"}), refusal);
  for (const char* command : {"status", "retry", "report", "export"}) expect_failure({"synth", command, out}, refusal);
  std::ofstream(out + "/store.sqlite", std::ios::binary) << "no store at all, but a text that someone put there";
  expect_failure(synth(path, out, {"--quiet"}), {"store.sqlite"});
}

TEST_F(SynthInput, ADiskThatFillsStopsTheRunWhichThenGoesOn) {
  const std::string path = recipe("full", [](auto& json) { json["items"] = 300; });
  const std::string out = output("run");
  run_to_end(synth(path, output("whole")));
  // Room for the store's beginnings, and for any picture.
  const auto full = run_fusion(synth(path, out, {"--quiet"}), {.file_bytes = 300'000});
  EXPECT_EQ(full.exit_code, 1) << full.err;
  EXPECT_EQ(full.signal, 0);
  EXPECT_THAT(full.err, AllOf(HasSubstr("fusion: error: "), HasSubstr("the disk is full"), HasSubstr("start again")));
  run_to_end(synth(path, out));
  EXPECT_EQ(data_files(out), data_files(output("whole")));
}

}  // namespace
}  // namespace fusion
