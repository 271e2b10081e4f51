#include "pipeline/model/fusion_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "foundation/config/test_support.h"
#include "pipeline/model/presets.h"

namespace fusion {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

/// The message about nano's config after `change`.
template <class Change>
std::string config_refusal(const Change& change, const std::string& preset = "nano") {
  ConfigFiles files = find_preset(preset).files;
  change(files.config);
  return error_of([&] { parse_fusion_config(files, "folder"); });
}

std::string refusal_of(const char* key, json value, const std::string& preset = "nano") {
  return config_refusal([&](json& config) { config[key] = std::move(value); }, preset);
}

TEST(FusionConfig, AnotherModelType) {
  EXPECT_THAT(refusal_of("model_type", "llava"),
              AllOf(HasSubstr("folder/config.json: key 'model_type'"), HasSubstr("fusion_phi or fusion_llama"),
                    HasSubstr("got llava"), HasSubstr("a checkpoint of another model")));
  EXPECT_THAT(refusal_of("model_type", "llama"), HasSubstr("got llama (a plain language model)"));
}

TEST(FusionConfig, EveryMissingSizeIsAnError) {
  for (const char* key :
       {"model_type", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads",
        "num_key_value_heads", "vocab_size", "rms_norm_eps", "rope_theta", "max_position_embeddings",
        "num_of_vision_sampler_layers", "start_of_vision_sampler_layers", "stride_of_vision_sampler_layers",
        "window_size", "mm_vision_tower", "query_len", "tokenizer_model_max_length"}) {
    EXPECT_THAT(config_refusal([&](json& config) { config.erase(key); }), HasSubstr(key)) << key;
  }
}

TEST(FusionConfig, SizesOutOfRangeOrOfAnotherType) {
  EXPECT_THAT(refusal_of("hidden_size", 0), HasSubstr("hidden_size"));
  EXPECT_THAT(refusal_of("hidden_size", -128), HasSubstr("hidden_size"));
  EXPECT_THAT(refusal_of("hidden_size", int64_t{1} << 60), HasSubstr("hidden_size"));
  EXPECT_THAT(refusal_of("num_hidden_layers", 1'000'000'000), HasSubstr("num_hidden_layers"));
  EXPECT_THAT(refusal_of("hidden_size", "128"), AllOf(HasSubstr("hidden_size"), HasSubstr("integer")));
  EXPECT_THAT(refusal_of("vocab_size", 272.5), HasSubstr("vocab_size"));
}

TEST(FusionConfig, BadQueryLengths) {
  for (const char* text : {"", "5", "4,5", "4;16", "a", "-4", "4,,16", "0", "1000000", "99999999999999999999", " 4"}) {
    EXPECT_THAT(refusal_of("query_len", text), HasSubstr("query_len")) << text;
  }
  EXPECT_THAT(refusal_of("query_len", 4), HasSubstr("query_len"));
}

TEST(FusionConfig, WithoutLatentTokensThereAreNoInteractionLayers) {
  EXPECT_THAT(refusal_of("query_len", "0"),
              AllOf(HasSubstr("latent tokens for"), HasSubstr("num_of_vision_sampler_layers of 0")));
  ConfigFiles files = find_preset("nano").files;
  files.config["query_len"] = "0";
  files.config["num_of_vision_sampler_layers"] = 0;
  EXPECT_FALSE(parse_fusion_config(files, "folder").has_latents());
  EXPECT_TRUE(parse_fusion_config(find_preset("nano").files, "folder").has_latents());
}

TEST(FusionConfig, TextGuidedEncodingIsOnUnlessSwitchedOff) {
  ConfigFiles files = find_preset("nano").files;
  EXPECT_TRUE(parse_fusion_config(files, "folder").vision.text_guided);
  files.config["text_guided_encoding"] = false;
  EXPECT_FALSE(parse_fusion_config(files, "folder").vision.text_guided);
  EXPECT_THAT(refusal_of("text_guided_encoding", "no"), HasSubstr("text_guided_encoding"));
}

TEST(FusionConfig, IdZeroIsPaddingUnlessAModelSaysOtherwise) {
  ConfigFiles files = find_preset("nano").files;
  EXPECT_TRUE(parse_fusion_config(files, "folder").instruct_id_zero_is_padding);
  files.config["instruct_id_zero_is_padding"] = false;
  EXPECT_FALSE(parse_fusion_config(files, "folder").instruct_id_zero_is_padding);
}

TEST(FusionConfig, QueryLengthsComeInAscendingOrder) {
  ConfigFiles files = find_preset("nano").files;
  files.config["query_len"] = "144,4,36";
  EXPECT_THAT(parse_fusion_config(files, "folder").query_lengths, ElementsAre(4, 36, 144));
}

TEST(FusionConfig, RopeFactors) {
  EXPECT_THAT(config_refusal([](json& config) { config["rope_scaling"]["short_factor"].push_back(1.0); }),
              AllOf(HasSubstr("rope_scaling.short_factor"), HasSubstr("16 positive numbers"), HasSubstr("got 17")));
  EXPECT_THAT(config_refusal([](json& config) { config["rope_scaling"]["long_factor"] = json::array(); }),
              HasSubstr("got 0 values"));
  EXPECT_THAT(config_refusal([](json& config) { config["rope_scaling"]["long_factor"][3] = -1.0; }),
              HasSubstr("rope_scaling.long_factor"));
  EXPECT_THAT(config_refusal([](json& config) { config["rope_scaling"].erase("long_factor"); }),
              HasSubstr("long_factor"));
  EXPECT_THAT(config_refusal([](json& config) { config.erase("original_max_position_embeddings"); }),
              HasSubstr("original_max_position_embeddings"));
  EXPECT_THAT(config_refusal([](json& config) { config["rope_scaling"]["type"] = "yarn"; }),
              AllOf(HasSubstr("llama3, longrope or default"), HasSubstr("yarn")));
  EXPECT_THAT(config_refusal([](json& config) { config["rope_scaling"]["factr"] = 2.0; }), HasSubstr("factr"));
  EXPECT_THAT(
      config_refusal([](json& config) { config["rope_scaling"]["low_freq_factor"] = 4.0; }, "fusion-llama3.1-8b"),
      HasSubstr("low_freq_factor < high_freq_factor"));
}

TEST(FusionConfig, InteractionLayersMustFit) {
  EXPECT_THAT(refusal_of("num_of_vision_sampler_layers", 3),
              AllOf(HasSubstr("fit between 6 decoder layers"), HasSubstr("3 from layer 0 in steps of 3")));
  EXPECT_THAT(refusal_of("start_of_vision_sampler_layers", 3), HasSubstr("2 from layer 3"));
  EXPECT_THAT(refusal_of("stride_of_vision_sampler_layers", 0), HasSubstr("stride_of_vision_sampler_layers"));
  for (const int side : {0, 17}) EXPECT_THAT(refusal_of("window_size", side), HasSubstr("from 1 to 16"));
}

TEST(FusionConfig, HeadsMustDivide) {
  EXPECT_THAT(refusal_of("num_key_value_heads", 3), AllOf(HasSubstr("num_key_value_heads"), HasSubstr("divisor of")));
  EXPECT_THAT(refusal_of("num_attention_heads", 5), HasSubstr("num_"));
  EXPECT_THAT(refusal_of("head_dim", 31, "fusion-llama3.1-8b"), HasSubstr("an even number"));
}

TEST(FusionConfig, SettingsThatWouldComputeSomethingElse) {
  EXPECT_THAT(refusal_of("hidden_act", "gelu"), HasSubstr("hidden_act"));
  EXPECT_THAT(refusal_of("mm_projector_type", "linear"), HasSubstr("mm_projector_type"));
  EXPECT_THAT(refusal_of("partial_rotary_factor", 0.5), HasSubstr("partial_rotary_factor"));
  EXPECT_THAT(refusal_of("sliding_window", 2048), AllOf(HasSubstr("sliding_window"), HasSubstr("4096")));
  EXPECT_THAT(refusal_of("image_tokens", {12}), HasSubstr("[rows, columns]"));
  EXPECT_THAT(refusal_of("image_tokens", {1000, 1000}), HasSubstr("from 1 to 64"));
  EXPECT_THAT(refusal_of("rope_theta", 0.5), HasSubstr("rope_theta"));
  EXPECT_THAT(refusal_of("rms_norm_eps", -1e-5), HasSubstr("a number above 0"));
  EXPECT_THAT(refusal_of("image_aspect_ratio", "pad"), HasSubstr("static_hd"));
  EXPECT_THAT(refusal_of("mm_patch_merge_type", "spatial_unpad"), HasSubstr("flat"));
  EXPECT_THAT(refusal_of("mm_use_im_start_end", false), HasSubstr("mm_use_im_start_end"));
}

TEST(FusionConfig, TowerWidthMustBeThatOfTheTower) {
  EXPECT_THAT(refusal_of("mm_hidden_size", 1152), AllOf(HasSubstr("mm_hidden_size"), HasSubstr("expected 96")));
  EXPECT_THAT(refusal_of("mm_vision_tower", "resnet50", "fusion-phi3.5-3b"),
              AllOf(HasSubstr("resnet50"), HasSubstr("vision_config.json")));
}

TEST(FusionConfig, BrokenVisionConfig) {
  const auto refuse = [](const char* key, json value) {
    ConfigFiles files = find_preset("nano").files;
    (*files.vision)[key] = std::move(value);
    return error_of([&] { parse_fusion_config(files, "folder"); });
  };
  EXPECT_THAT(refuse("model_type", "vit"), AllOf(HasSubstr("folder/vision_config.json"), HasSubstr("vit")));
  EXPECT_THAT(refuse("num_attention_heads", 7), HasSubstr("divisor of hidden_size 96"));
  EXPECT_THAT(refuse("image_size", 2049), HasSubstr("from 1 to 2048"));
  EXPECT_THAT(refuse("patch_size", 113), HasSubstr("patch_size"));
  EXPECT_THAT(refuse("num_hidden_layers", 2), HasSubstr("num_hidden_layers"));
  EXPECT_THAT(refuse("hidden_act", "relu"), HasSubstr("gelu_pytorch_tanh or quick_gelu"));
}

TEST(FusionConfig, UnknownKeysEndUpInTheNotes) {
  ConfigFiles files = find_preset("nano").files;
  files.config["quantum_mode"] = true;
  EXPECT_THAT(parse_fusion_config(files, "folder").notes,
              ElementsAre(AllOf(HasSubstr("folder/config.json: key 'quantum_mode'"), HasSubstr("ignored"))));
}

TEST(FusionConfig, EndTokensOfGenerationConfigWin) {
  ConfigFiles files = find_preset("nano").files;
  EXPECT_THAT(parse_fusion_config(files, "folder").eos_token_ids, ElementsAre(266, 260, 259));
  files.generation.reset();
  EXPECT_THAT(parse_fusion_config(files, "folder").eos_token_ids, ElementsAre(259));
  files.config["eos_token_id"] = "x";
  EXPECT_THAT(error_of([&] { parse_fusion_config(files, "folder"); }), HasSubstr("eos_token_id"));
}

TEST(FusionConfig, FoldersThatHoldNoModel) {
  const ScratchFolder scratch;
  EXPECT_THAT(error_of([&] { read_fusion_config(scratch / "absent"); }),
              AllOf(HasSubstr("absent"), HasSubstr("nothing there")));
  EXPECT_THAT(error_of([&] { read_fusion_config(scratch.path()); }),
              AllOf(HasSubstr("an empty folder"), HasSubstr("fusion init")));
  const std::string file = scratch.put("notes.txt", "hello");
  EXPECT_THAT(error_of([&] { read_fusion_config(scratch.path()); }), HasSubstr("a folder without one"));
  EXPECT_THAT(error_of([&] { read_fusion_config(file); }), HasSubstr("got a file"));
  scratch.put("config.json", "{\"model_type\": ");
  EXPECT_THAT(error_of([&] { read_fusion_config(scratch.path()); }), HasSubstr("config.json"));
  scratch.put("config.json", "[]");
  EXPECT_THAT(error_of([&] { read_fusion_config(scratch.path()); }), HasSubstr("config.json"));
}

TEST(FusionConfig, ReadsAFolderAsWritten) {
  const ScratchFolder scratch;
  const ConfigFiles files = find_preset("nano").files;
  scratch.put("config.json", files.config.dump());
  scratch.put("vision_config.json", files.vision->dump());
  scratch.put("generation_config.json", files.generation->dump());
  const FusionConfig config = read_fusion_config(scratch.path());
  EXPECT_EQ(config.vision.hidden_size, 96);
  EXPECT_EQ(config.vision.num_layers, 4);
  EXPECT_EQ(config.num_image_tokens(), 64);
  EXPECT_EQ(config.decoder.rope.head_dim, 32);
}

}  // namespace
}  // namespace fusion
