#include "workflows/assembly/init_checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <filesystem>
#include <string>

#include "foundation/checkpoint/checkpoint.h"
#include "foundation/config/input_file.h"
#include "foundation/config/json_file.h"
#include "foundation/config/test_support.h"
#include "pipeline/model/load_model.h"
#include "pipeline/preprocess/tokenizer.h"

namespace fusion {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

constexpr uint64_t kMaxCheckpointBytes = uint64_t{32} << 20;

std::string init_error(const Preset& preset, const std::string& folder, const InitOptions& options = {}) {
  return error_of([&] { init_checkpoint(preset, folder, options); });
}

torch::Tensor stored(const std::string& folder, const char* name) {
  return load_fusion_model(folder, {})->named_parameters()[name].clone();
}

TEST(InitCheckpoint, NanoLoadsAsAModelWithItsTokenizer) {
  const ScratchFolder scratch;
  const std::string folder = scratch / "deep/nano";
  uint64_t last = 0;
  InitOptions options;
  options.save.on_progress = [&](uint64_t done, uint64_t total) {
    EXPECT_GT(done, last);
    EXPECT_LE(done, total);
    last = done;
  };
  const InitReport report = init_checkpoint(find_preset("nano"), folder, options);
  EXPECT_EQ(last, report.weight_bytes);
  EXPECT_EQ(report.dtype, "float32");
  EXPECT_EQ(report.weight_bytes, 4 * report.parameters);
  EXPECT_LT(fs::file_size(fs::path(folder) / "model.safetensors"), 10'000'000u);

  FusionModel model = load_fusion_model(folder, {});
  EXPECT_EQ(model->named_parameters().size(), report.tensors);
  EXPECT_EQ(load_tokenizer(folder)->vocab_size(), model->config().decoder.vocab_size);
  EXPECT_TRUE(model->config().notes.empty());
}

TEST(InitCheckpoint, SameSeedSameWeightsAnotherSeedOthers) {
  const ScratchFolder scratch;
  const Preset nano = find_preset("nano");
  init_checkpoint(nano, scratch / "a", {.seed = 1});
  init_checkpoint(nano, scratch / "b", {.seed = 1});
  init_checkpoint(nano, scratch / "c", {.seed = 2});
  const auto weights = [&](const char* name) {
    return read_text_file(scratch / (std::string(name) + "/model.safetensors"), kMaxCheckpointBytes);
  };
  EXPECT_TRUE(weights("a") == weights("b"));
  EXPECT_FALSE(weights("a") == weights("c"));
}

TEST(InitCheckpoint, TakesTheConfigsInitializerRange) {
  const ScratchFolder scratch;
  Preset nano = find_preset("nano");
  nano.files.config["initializer_range"] = 0.06;
  init_checkpoint(nano, scratch / "wide", {});
  EXPECT_NEAR(stored(scratch / "wide", "model.mm_projector.2.weight").std().item<double>(), 0.06, 2e-3);

  nano.files.config["initializer_range"] = 0;
  EXPECT_THAT(init_error(nano, scratch / "none"), AllOf(HasSubstr("initializer_range"), HasSubstr("got 0")));
}

TEST(InitCheckpoint, FitsTheEmbeddingsToPictures) {
  const ScratchFolder scratch;
  fs::copy_file(std::string(FUSION_SOURCE_DIR) + "/parity/goldens/n_conversation/picture.png", scratch / "cat.png");
  scratch.put("records.jsonl",
              R"({"id": "a", "image": "missing.png", "conversations": [{"from": "human", "value": "<image>"}]})"
              "\n"
              R"({"id": "b", "image": "cat.png", "conversations": [{"from": "human", "value": "<image>"},)"
              R"( {"from": "gpt", "value": "A cat."}]})"
              "\n");
  const Preset nano = find_preset("nano");
  init_checkpoint(nano, scratch / "random", {.seed = 1});
  init_checkpoint(nano, scratch / "fitted", {.seed = 1, .pictures = scratch / "records.jsonl"});
  const std::string tower = "model.vision_tower.vision_tower.vision_model.";
  const auto same = [&](const std::string& name) {
    return torch::equal(stored(scratch / "random", name.c_str()), stored(scratch / "fitted", name.c_str()));
  };
  for (const char* name : {"patch_embedding.weight", "patch_embedding.bias", "position_embedding.weight"}) {
    EXPECT_FALSE(same(tower + "embeddings." + name)) << name;
  }
  EXPECT_TRUE(same(tower + "encoder.layers.0.mlp.fc1.weight"));
  EXPECT_TRUE(same("lm_head.weight"));

  scratch.put("blind.jsonl",
              R"({"id": "a", "conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hi"}]})"
              "\n");
  EXPECT_THAT(init_error(nano, scratch / "blind", {.pictures = scratch / "blind.jsonl"}),
              AllOf(HasSubstr("pictures that can be read"), HasSubstr("data check")));
  EXPECT_FALSE(fs::exists(scratch / "blind"));
}

TEST(InitCheckpoint, DtypeAndShards) {
  const ScratchFolder scratch;
  const Preset nano = find_preset("nano");
  init_checkpoint(nano, scratch / "one", {});
  const auto report =
      init_checkpoint(nano, scratch / "many", {.dtype = "bfloat16", .save = {.max_shard_bytes = 1'000'000}});
  EXPECT_EQ(report.weight_bytes, 2 * report.parameters);
  EXPECT_TRUE(fs::exists(scratch / "many/model.safetensors.index.json"));
  const auto half = stored(scratch / "many", "lm_head.weight");
  EXPECT_EQ(half.scalar_type(), torch::kBFloat16);
  EXPECT_TRUE(torch::equal(half, stored(scratch / "one", "lm_head.weight").to(torch::kBFloat16)));
  EXPECT_THAT(read_text_file(scratch / "many/config.json", kMaxCheckpointBytes),
              HasSubstr("\"torch_dtype\": \"bfloat16\""));
  EXPECT_THAT(init_error(nano, scratch / "x", {.dtype = "int8"}), HasSubstr("float32, bfloat16 or float16"));
}

TEST(InitCheckpoint, TheConfigMayNameItsDtypeAsNewerOnesDoOrNotAtAll) {
  const ScratchFolder scratch;
  Preset preset = find_preset("nano");
  preset.files.config.erase("torch_dtype");
  EXPECT_EQ(init_checkpoint(preset, scratch / "silent", {}).dtype, "float32");
  preset.files.config["dtype"] = "bfloat16";
  EXPECT_EQ(init_checkpoint(preset, scratch / "newer", {}).dtype, "bfloat16");
  const auto written = read_json_file(scratch / "newer/config.json");
  EXPECT_EQ(written["torch_dtype"], "bfloat16");
  EXPECT_FALSE(written.contains("dtype"));

  preset.files.config["dtype"] = 16;
  EXPECT_THAT(init_error(preset, scratch / "x"), AllOf(HasSubstr("'dtype'"), HasSubstr("a string")));
  preset.files.config.erase("dtype");
  preset.files.config.erase("model_type");
  const std::string tokenizer = std::string(FUSION_SOURCE_DIR) + "/parity/goldens/tokenizers/phi_like";
  EXPECT_THAT(init_error(preset, scratch / "x", {.tokenizer_folder = tokenizer}), HasSubstr("'model_type'"));
  for (const nlohmann::json& no_object : {nlohmann::json(), nlohmann::json(7)}) {
    preset.files.config = no_object;
    EXPECT_THAT(init_error(preset, scratch / "x"), HasSubstr("nano: config.json"));
  }
}

TEST(InitCheckpoint, RefusesToReplaceUnlessForced) {
  const ScratchFolder scratch;
  const Preset nano = find_preset("nano");
  for (const char* name : {"config.json", "tokenizer.model", "model.safetensors"}) {
    const ScratchFolder other;
    other.put(name, "mine");
    EXPECT_THAT(init_error(nano, other.path()), AllOf(HasSubstr(name), HasSubstr("--force")));
    EXPECT_EQ(other.file_count(), 1u);
  }
  // With force nothing of the old checkpoint stays that would shadow the new one.
  scratch.put("tokenizer.model", "another model's");
  scratch.put("model-00001-of-00002.safetensors", "x");
  scratch.put("notes.txt", "mine");
  init_checkpoint(nano, scratch.path(), {.save = {.force = true}});
  EXPECT_FALSE(fs::exists(scratch / "tokenizer.model"));
  EXPECT_FALSE(fs::exists(scratch / "model-00001-of-00002.safetensors"));
  EXPECT_TRUE(fs::exists(scratch / "notes.txt"));
  EXPECT_EQ(load_tokenizer(scratch.path())->vocab_size(), 272);
}

TEST(InitCheckpoint, RefusesAFileAsFolder) {
  const ScratchFolder scratch;
  const std::string file = scratch.put("file", "x");
  EXPECT_THAT(init_error(find_preset("nano"), file, {.save = {.force = true}}), HasSubstr("got a file"));
  EXPECT_THAT(init_error(find_preset("nano"), file + "/inside"), HasSubstr("to make the folder"));
}

TEST(InitCheckpoint, SaysWhenTheDiskIsTooSmallBeforeItWrites) {
  const ScratchFolder scratch;
  Preset preset = find_preset("fusion-llama3.1-8b");
  preset.files.config["hidden_size"] = 1 << 20;
  preset.files.config["vocab_size"] = 1 << 24;
  preset.files.config.erase("head_dim");
  EXPECT_THAT(init_error(preset, scratch / "new"),
              AllOf(HasSubstr("TB of free disk space"), HasSubstr("another disk")));
  EXPECT_EQ(scratch.file_count(), 0u);
}

TEST(InitCheckpoint, TakesATokenizerAndItsVocabulary) {
  const ScratchFolder scratch;
  const std::string goldens = std::string(FUSION_SOURCE_DIR) + "/parity/goldens/tokenizers/";
  const std::string golden = goldens + "phi_like";
  const Preset preset = find_preset("nano");
  EXPECT_THAT(init_error(preset, scratch / "new", {.tokenizer_folder = goldens + "llama3_like"}),
              AllOf(HasSubstr("llama3_like"), HasSubstr("<|end|>")));
  EXPECT_THAT(init_error(preset, scratch / "new", {.tokenizer_folder = scratch.path()}),
              HasSubstr("tokenizer.model or tokenizer.json"));
  EXPECT_EQ(scratch.file_count(), 0u) << "refused before anything is written";

  const InitReport report = init_checkpoint(preset, scratch / "new", {.tokenizer_folder = golden});
  EXPECT_EQ(report.tokenizer, "SentencePiece");
  EXPECT_TRUE(fs::exists(scratch / "new/added_tokens.json"));
  EXPECT_FALSE(fs::exists(scratch / "new/golden.json"));
  // The folder's own tokenizer is a fine one too, and stays.
  init_checkpoint(preset, scratch / "new", {.tokenizer_folder = scratch / "new", .save = {.force = true}});
  EXPECT_EQ(load_tokenizer(scratch / "new")->kind(), "SentencePiece");
}

}  // namespace
}  // namespace fusion
