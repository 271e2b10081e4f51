#include "workflows/assembly/assemble_checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "foundation/checkpoint/checkpoint.h"
#include "foundation/config/input_file.h"
#include "foundation/config/json_file.h"
#include "foundation/config/output_file.h"
#include "foundation/config/test_support.h"
#include "foundation/core/text.h"
#include "foundation/nn/tensor_io.h"
#include "pipeline/model/load_model.h"
#include "pipeline/model/presets.h"
#include "pipeline/preprocess/tokenizer.h"

namespace fusion {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Key;
using testing::Not;

constexpr uint64_t kMaxBytes = uint64_t{1} << 20;
constexpr const char* kTower = "model.vision_tower.vision_tower.";

std::string fixture(const std::string& name) {
  return std::string(FUSION_SOURCE_DIR) + "/tests/data/hf/" + name;
}

/// What fits the three layers of the fixtures.
AssembleOptions small(uint64_t seed = 1) {
  return {.interaction = InteractionPlan{.count = 2, .start = 0, .stride = 2}, .seed = seed};
}

/// A fixture that may be spoilt.
class Copy {
 public:
  explicit Copy(const std::string& name) { fs::copy(fixture(name), folder_.path()); }
  const std::string& path() const { return folder_.path(); }
  std::string operator/(const char* name) const { return folder_ / name; }

  void edit_config(const std::function<void(json&)>& edit) const {
    json config = read_json_file(folder_ / "config.json");
    edit(config);
    folder_.put("config.json", config.dump());
  }
  void edit_tensors(const std::function<void(std::vector<TensorSource>&)>& edit) const {
    const Checkpoint checkpoint(folder_.path());
    std::vector<TensorSource> tensors;
    for (const auto& [name, stored] : checkpoint.tensors()) tensors.push_back(source_of(*stored.view));
    edit(tensors);
    save_sharded(folder_.path(), tensors, kMaxBytes);
  }

 private:
  ScratchFolder folder_;
};

torch::Tensor stored(const Checkpoint& checkpoint, const std::string& name) {
  const StoredTensor* found = checkpoint.find(name);
  if (found == nullptr) throw Error({.who = name, .expected = "the tensor", .got = "none"});
  return tensor_of(found->file, *found->view);
}

class AssembleCheckpoint : public testing::Test {
 protected:
  std::string out() const { return scratch_ / "new"; }
  AssembleReport assemble(const std::string& vision, const std::string& language,
                          const AssembleOptions& options = small()) const {
    return assemble_checkpoint(vision, language, out(), options);
  }
  /// The refusal, after which nothing may be there.
  std::string refusal(const std::string& vision, const std::string& language,
                      const AssembleOptions& options = small()) const {
    const std::string message = error_of([&] { assemble(vision, language, options); });
    EXPECT_EQ(scratch_.file_count(), 0u);
    return message;
  }
  std::string vision_refusal(const Copy& vision) const { return refusal(vision.path(), fixture("phi3")); }
  std::string language_refusal(const Copy& language) const { return refusal(fixture("siglip"), language.path()); }
  json config() const { return read_json_file(out() + "/config.json"); }

  ScratchFolder scratch_;
};

TEST_F(AssembleCheckpoint, PhiAndSiglipLoadAsAModel) {
  const AssembleReport report = assemble(fixture("siglip"), fixture("phi3"));
  EXPECT_EQ(report.dtype, "bfloat16");
  EXPECT_EQ(report.weight_bytes, 2 * report.parameters);
  EXPECT_EQ(report.rows_before, 480);
  EXPECT_EQ(report.rows, 473);
  EXPECT_THAT(report.new_tokens, ElementsAre("<vision_start>", "<vision_end>"));
  EXPECT_THAT(report.warnings, IsEmpty());
  EXPECT_THAT(report.left_out,
              AllOf(Contains(Key("text_model.*")), Contains(Key("logit_scale")), Contains(Key("vision_model.head.*")),
                    Contains(std::pair("vision_model.encoder.layers.3.*", 16))));

  FusionModel model = load_fusion_model(out(), {});
  EXPECT_EQ(model->config().decoder.vocab_size, 473);
  EXPECT_EQ(model->config().vision.num_layers, 3);
  EXPECT_EQ(model->config().max_length, 4096);
  EXPECT_THAT(model->config().eos_token_ids, ElementsAre(467, 461, 460));
  EXPECT_THAT(model->config().notes, IsEmpty());
  EXPECT_EQ(load_tokenizer(out())->vocab_size(), 473);
  EXPECT_EQ(Checkpoint(out()).find("lm_head.weight")->file->metadata().at("format"), "pt");
}

TEST_F(AssembleCheckpoint, OldWeightsKeepTheirBytes) {
  AssembleOptions options = small();
  options.dtype = "float32";
  assemble(fixture("siglip"), fixture("phi3"), options);
  const Checkpoint made(out());
  const Checkpoint tower(fixture("siglip"));
  const Checkpoint language(fixture("phi3"));
  size_t compared = 0;
  for (const auto& [name, tensor] : made.tensors()) {
    const auto values = tensor_of(tensor.file, *tensor.view);
    if (name.starts_with(kTower)) {
      EXPECT_TRUE(torch::equal(values, stored(tower, std::string(name.substr(std::string(kTower).size()))))) << name;
      ++compared;
    } else if (language.find(name) != nullptr) {
      const auto old = stored(language, std::string(name)).to(torch::kFloat32);
      const int64_t same = std::min<int64_t>(old.size(0), 471);
      EXPECT_TRUE(torch::equal(values.slice(0, 0, same), old.slice(0, 0, same))) << name;
      ++compared;
    }
  }
  const size_t tower_tensors = 16 * size_t{3} + 5;  // three layers, embeddings and the last norm
  EXPECT_EQ(compared, language.tensors().size() + tower_tensors);
  for (const char* name : {"model.embed_tokens.weight", "lm_head.weight"}) {
    const auto old = stored(language, name).slice(0, 0, 471).to(torch::kFloat64).mean(0).to(torch::kFloat32);
    EXPECT_TRUE(torch::equal(stored(made, name)[471], old)) << name;
    EXPECT_TRUE(torch::equal(stored(made, name)[472], old)) << name;
  }
}

TEST_F(AssembleCheckpoint, NewPartsBeginAsTorchMakesThem) {
  assemble(fixture("siglip"), fixture("phi3"));
  const Checkpoint made(out());
  const auto bound_of = [&](const std::string& name) {
    return stored(made, name).abs().max().to(torch::kFloat32).item<double>();
  };
  EXPECT_NEAR(bound_of("model.mm_projector.0.weight"), 1 / std::sqrt(48.0), 2e-3);
  EXPECT_NEAR(bound_of("model.aux_projector.2.bias"), 1 / std::sqrt(16.0), 3e-2);
  const std::string layer = "model.vision_sampler_layers.1.layers.0.";
  EXPECT_NEAR(bound_of(layer + "proj_in.weight"), 1 / std::sqrt(32.0), 2e-3);
  EXPECT_EQ(bound_of(layer + "norm.weight"), 1);
  EXPECT_EQ(bound_of(layer + "cross_attn.q_proj.0.bias"), 0);
}

TEST_F(AssembleCheckpoint, ConfigHasTheLanguageModelsKeysAndFusions) {
  AssembleOptions options = small();
  options.query_lengths = {{4, 16}};
  options.window = 2;
  options.max_length = 2048;
  assemble(fixture("siglip"), fixture("phi3"), options);
  const json made = config();
  const json settings = fusion_settings();
  for (const auto& [key, value] : settings.items()) EXPECT_TRUE(made.contains(key)) << key;
  EXPECT_EQ(made.at("model_type"), "fusion_phi");
  EXPECT_THAT(made.at("architectures"), ElementsAre("FusionPhiForCausalLM"));
  EXPECT_EQ(made.at("vocab_size"), 473);
  EXPECT_EQ(made.at("torch_dtype"), "bfloat16");
  EXPECT_EQ(made.at("rope_scaling"), read_json_file(fixture("phi3/config.json")).at("rope_scaling"));
  EXPECT_EQ(made.at("query_len"), "4,16");
  EXPECT_EQ(made.at("window_size"), 2);
  EXPECT_EQ(made.at("instruct_id_zero_is_padding"), false);
  EXPECT_EQ(made.at("stride_of_vision_sampler_layers"), 2);
  EXPECT_EQ(made.at("tokenizer_model_max_length"), 2048);
  EXPECT_FALSE(made.contains("auto_map")) << "the code that it names is not in the new folder";
  EXPECT_EQ(read_json_file(out() + "/tokenizer_config.json").at("model_max_length"), 2048);
  EXPECT_EQ(made.at("mm_vision_tower"), "siglip");
  const json vision = read_json_file(out() + "/vision_config.json");
  EXPECT_EQ(vision.at("image_size"), 23);
  EXPECT_EQ(vision.at("layer_norm_eps"), 1e-6) << "left out of the source, where transformers has a default";
}

TEST_F(AssembleCheckpoint, LlamaWithTiedEmbeddingsInShards) {
  AssembleOptions options = small();
  options.save.max_shard_bytes = 50'000;
  const AssembleReport report = assemble(fixture("tower"), fixture("llama"), options);
  EXPECT_EQ(report.rows_before, 447);
  EXPECT_EQ(report.rows, 449);
  EXPECT_EQ(config().at("model_type"), "fusion_llama");
  EXPECT_EQ(config().at("mm_vision_tower"), "siglip-tower") << "the reference picks the tower's class by this name";
  EXPECT_EQ(config().at("tokenizer_model_max_length"), 2048) << "the language model has no more positions";
  EXPECT_TRUE(fs::exists(out() + "/model.safetensors.index.json"));
  const Checkpoint made(out());
  EXPECT_EQ(made.find("lm_head.weight"), nullptr);
  EXPECT_EQ(stored(made, "model.embed_tokens.weight").size(0), 449);
  FusionModel model = load_fusion_model(out(), {});
  EXPECT_EQ(model->named_parameters()["model.embed_tokens.weight"].scalar_type(), torch::kFloat32);
}

TEST_F(AssembleCheckpoint, AnotherPictureSizeResizesThePositions) {
  AssembleOptions options = small();
  options.dtype = "float32";
  options.image_size = 35;
  const AssembleReport report = assemble(fixture("siglip"), fixture("phi3"), options);
  EXPECT_THAT(report.warnings, ElementsAre(AllOf(HasSubstr("3x3"), HasSubstr("5x5"), HasSubstr("bicubic"))));
  const auto expected = SafetensorsFile::open(fixture("expected.safetensors"));
  const auto positions = stored(Checkpoint(out()), cat(kTower, "vision_model.embeddings.position_embedding.weight"));
  EXPECT_LT((positions - tensor_of(expected, expected->at("siglip_35"))).abs().max().item<double>(), 1e-6);
  EXPECT_EQ(load_fusion_model(out(), {})->config().vision.image_size, 35);
  // The same grid from another size is the same embeddings.
  options.image_size = 21;
  options.save.force = true;
  EXPECT_THAT(assemble(fixture("siglip"), fixture("phi3"), options).warnings, IsEmpty());
}

TEST_F(AssembleCheckpoint, SameSeedSameBytes) {
  const auto bytes_with = [&](uint64_t seed) {
    const ScratchFolder folder;
    assemble_checkpoint(fixture("siglip"), fixture("phi3"), folder.path(), small(seed));
    return read_text_file(folder / "model.safetensors", kMaxBytes);
  };
  const std::string first = bytes_with(1);
  EXPECT_TRUE(first == bytes_with(1));
  EXPECT_FALSE(first == bytes_with(2));
}

TEST_F(AssembleCheckpoint, VisionTokensThatAreThereAddNoRows) {
  const Copy language("phi3");
  for (const auto& entry :
       fs::directory_iterator(std::string(FUSION_SOURCE_DIR) + "/parity/goldens/tokenizers/phi_like")) {
    fs::copy_file(entry.path(), language / entry.path().filename().c_str(), fs::copy_options::overwrite_existing);
  }
  const AssembleReport report = assemble(fixture("siglip"), language.path());
  EXPECT_THAT(report.new_tokens, IsEmpty());
  EXPECT_EQ(report.rows, 473);
  const auto before = stored(Checkpoint(fixture("phi3")), "lm_head.weight");
  EXPECT_TRUE(torch::equal(stored(Checkpoint(out()), "lm_head.weight"), before.slice(0, 0, 473)));
}

TEST_F(AssembleCheckpoint, MarksOfTheConversationThatTheTokenizerLacksBecomeTokens) {
  const Copy language("llama");
  for (const char* name : {"tokenizer.json", "tokenizer_config.json"}) {
    std::string text = read_text_file(language / name, kMaxBytes);
    for (size_t at = text.find("<|eot_id|>"); at != std::string::npos; at = text.find("<|eot_id|>")) {
      text.replace(at, 10, "<|other|>");
    }
    write_text_file(language / name, text);
  }
  const AssembleReport report = assemble(fixture("siglip"), language.path());
  EXPECT_THAT(report.warnings,
              ElementsAre(AllOf(HasSubstr("<|eot_id|>"), HasSubstr("llama_3"), Not(HasSubstr("<|start_header_id|>")))));
  EXPECT_THAT(report.new_tokens, ElementsAre("<vision_start>", "<vision_end>", "<|eot_id|>"));
  EXPECT_EQ(report.rows, 450);
  const auto tokenizer = load_tokenizer(out());
  EXPECT_EQ(tokenizer->token_id("<|eot_id|>"), 449);
  EXPECT_THAT(tokenizer->encode(PromptText("yes<|eot_id|>")), Contains(449));
  EXPECT_THAT(config().at("eos_token_id"), ElementsAre(441, 445, 446, 449));
  EXPECT_THAT(load_fusion_model(out(), {})->config().eos_token_ids, Contains(449)) << "by generation_config.json";
}

TEST_F(AssembleCheckpoint, RefusesFoldersThatAreNoSource) {
  const std::string siglip = fixture("siglip");
  const std::string phi = fixture("phi3");
  EXPECT_THAT(refusal("/absent", phi), AllOf(HasSubstr("/absent"), HasSubstr("no such folder")));
  EXPECT_THAT(refusal(siglip, "/absent"), AllOf(HasSubstr("Phi-3 or LLaMA"), HasSubstr("no such folder")));
  EXPECT_THAT(refusal(siglip + "/config.json", phi), HasSubstr("got a file"));
  const ScratchFolder empty;
  EXPECT_THAT(refusal(siglip, empty.path()), HasSubstr("without config.json"));
  EXPECT_THAT(refusal(phi, siglip), AllOf(HasSubstr("siglip_vision_model"), HasSubstr("got phi3")));
  EXPECT_THAT(refusal(siglip, siglip), AllOf(HasSubstr("phi3 or llama"), HasSubstr("got siglip")));
  const Copy whole("phi3");
  whole.edit_config([](json& config) { config["model_type"] = "fusion_phi"; });
  EXPECT_THAT(language_refusal(whole), HasSubstr("a FUSION checkpoint"));
  fs::remove(whole / "model.safetensors");
  whole.edit_config([](json& config) { config["model_type"] = "phi3"; });
  EXPECT_THAT(language_refusal(whole), HasSubstr("model.safetensors"));
}

TEST_F(AssembleCheckpoint, ListsAllTensorsThatAreMissingOrMisshapen) {
  const Copy vision("siglip");
  vision.edit_tensors([](std::vector<TensorSource>& tensors) {
    std::erase_if(tensors, [](const TensorSource& tensor) {
      return tensor.name.ends_with("post_layernorm.bias") || tensor.name.ends_with("layers.1.mlp.fc1.weight");
    });
  });
  EXPECT_THAT(vision_refusal(vision),
              AllOf(HasSubstr(vision.path()), HasSubstr("2 missing"), HasSubstr("vision_model.post_layernorm.bias"),
                    HasSubstr("vision_model.encoder.layers.1.mlp.fc1.weight")));
  const Copy language("phi3");
  language.edit_config([](json& config) { config["intermediate_size"] = 32; });
  EXPECT_THAT(language_refusal(language), AllOf(HasSubstr("6 mis-shaped"), HasSubstr("gate_up_proj")));
  const Copy wider("siglip");
  wider.edit_config([](json& config) { config["vision_config"]["image_size"] = 70; });
  EXPECT_THAT(vision_refusal(wider), HasSubstr("position_embedding.weight [9, 16] instead of [100, 16]"));
  const Copy strange("llama");
  strange.edit_tensors([](std::vector<TensorSource>& tensors) {
    tensors.push_back(source_of("model.layers.0.extra.weight", torch::ones({2})));
    tensors.push_back(source_of("model.layers.0.self_attn.rotary_emb.inv_freq", torch::ones({2})));
  });
  EXPECT_THAT(language_refusal(strange), AllOf(HasSubstr("1 unexpected: model.layers.0.extra.weight")));
  const Copy headless("phi3");
  headless.edit_tensors([](std::vector<TensorSource>& tensors) {
    std::erase_if(tensors, [](const TensorSource& tensor) { return tensor.name == "model.embed_tokens.weight"; });
  });
  EXPECT_THAT(language_refusal(headless), HasSubstr("the embedding table model.embed_tokens.weight"));
}

TEST_F(AssembleCheckpoint, RefusesQuantisedAndNaflexCheckpoints) {
  const Copy quantised("phi3");
  quantised.edit_config([](json& config) { config["quantization_config"] = {{"quant_method", "gptq"}}; });
  EXPECT_THAT(language_refusal(quantised), HasSubstr("a quantised checkpoint"));
  const Copy bytes("siglip");
  bytes.edit_tensors([](std::vector<TensorSource>& tensors) {
    for (TensorSource& tensor : tensors) {
      if (tensor.name.ends_with("layers.0.mlp.fc1.weight")) {
        tensor = source_of(tensor.name, torch::ones({24, 16}, torch::kInt8));
      }
    }
  });
  EXPECT_THAT(vision_refusal(bytes), AllOf(HasSubstr("layers.0.mlp.fc1.weight"), HasSubstr("I8")));
  const Copy naflex("siglip");
  naflex.edit_config([](json& config) { config["model_type"] = "siglip2"; });
  naflex.edit_tensors([](std::vector<TensorSource>& tensors) {
    for (TensorSource& tensor : tensors) {
      if (tensor.name.ends_with("patch_embedding.weight")) tensor = source_of(tensor.name, torch::ones({16, 147}));
    }
  });
  EXPECT_THAT(vision_refusal(naflex), HasSubstr("NaFlex"));
}

TEST_F(AssembleCheckpoint, RefusesWithoutATokenizer) {
  const Copy language("phi3");
  fs::remove(language / "tokenizer.model");
  EXPECT_THAT(language_refusal(language), AllOf(HasSubstr(language.path()), HasSubstr("tokenizer.model")));
}

TEST_F(AssembleCheckpoint, RefusesWhatDoesNotFit) {
  const auto with = [&](const std::function<void(AssembleOptions&)>& edit) {
    AssembleOptions options = small();
    edit(options);
    return refusal(fixture("siglip"), fixture("phi3"), options);
  };
  EXPECT_THAT(
      with([](AssembleOptions& options) { options.interaction.reset(); }),
      AllOf(HasSubstr("at least 28 decoder layers"), HasSubstr("got 3"), HasSubstr("--interaction-layers 1/0/3")));
  EXPECT_THAT(with([](AssembleOptions& options) { options.interaction = {.count = 1, .start = 3, .stride = 1}; }),
              HasSubstr("interaction_layers: expected a number from 0 to 2"));
  EXPECT_THAT(with([](AssembleOptions& options) { options.interaction = {.count = -1, .start = 0, .stride = 1}; }),
              HasSubstr("interaction_layers"));
  EXPECT_THAT(with([](AssembleOptions& options) { options.query_lengths = {{4, 5}}; }),
              AllOf(HasSubstr("query_len"), HasSubstr("4,5")));
  EXPECT_THAT(with([](AssembleOptions& options) { options.window = 17; }), HasSubstr("window"));
  EXPECT_THAT(with([](AssembleOptions& options) { options.max_length = 8193; }),
              HasSubstr("max_length: expected a number from 1 to 8192"));
  EXPECT_THAT(with([](AssembleOptions& options) { options.image_size = 6; }), HasSubstr("image_size"));
  EXPECT_THAT(with([](AssembleOptions& options) { options.dtype = "int8"; }), HasSubstr("float32"));
  const Copy odd("phi3");
  odd.edit_config([](json& config) {
    config["hidden_size"] = 24;
    config["num_attention_heads"] = 3;
    config["num_key_value_heads"] = 3;
  });
  EXPECT_THAT(language_refusal(odd), AllOf(HasSubstr("16 heads"), HasSubstr("got 24")));
}

TEST_F(AssembleCheckpoint, RefusesToWriteOverACheckpointOrASource) {
  fs::create_directories(out());
  write_text_file(out() + "/config.json", "mine");
  EXPECT_THAT(error_of([&] { assemble(fixture("siglip"), fixture("phi3")); }), HasSubstr("--force"));
  EXPECT_EQ(read_text_file(out() + "/config.json", 100), "mine");
  const Copy language("phi3");
  AssembleOptions options = small();
  options.save.force = true;
  EXPECT_THAT(error_of([&] { assemble_checkpoint(fixture("siglip"), language.path(), language.path(), options); }),
              HasSubstr("another folder"));
}

/// All files of a folder by name.
std::map<std::string, std::string> content_of(const std::string& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    files[entry.path().filename().string()] = read_text_file(entry.path().string(), kMaxBytes);
  }
  return files;
}

TEST_F(AssembleCheckpoint, AFailureHalfwayLeavesTheOldCheckpoint) {
  assemble(fixture("tower"), fixture("llama"));
  const auto before = content_of(out());
  AssembleOptions options = small(2);
  options.save.force = true;
  {
    const FileSizeLimit limit(60'000);
    EXPECT_THAT(error_of([&] { assemble(fixture("siglip"), fixture("phi3"), options); }), HasSubstr("File too large"));
  }
  EXPECT_EQ(content_of(out()), before);
  options.save.on_progress = [](uint64_t done, uint64_t total) {
    if (2 * done > total) throw Error({.who = "the test", .got = "enough"});
  };
  EXPECT_THAT(error_of([&] { assemble(fixture("siglip"), fixture("phi3"), options); }), HasSubstr("enough"));
  EXPECT_EQ(content_of(out()), before);
  // A folder that was made for it is gone again.
  EXPECT_THAT(error_of([&] { assemble_checkpoint(fixture("siglip"), fixture("phi3"), scratch_ / "other", options); }),
              HasSubstr("enough"));
  EXPECT_FALSE(fs::exists(scratch_ / "other"));
  options.save.on_progress = {};
  assemble(fixture("siglip"), fixture("phi3"), options);
  EXPECT_EQ(config().at("model_type"), "fusion_phi");
  EXPECT_FALSE(fs::exists(out() + "/tokenizer.json")) << "of the old tokenizer";
}

TEST_F(AssembleCheckpoint, ASourceThatChangesMeanwhileIsRefused) {
  const Copy language("phi3");
  AssembleOptions options = small();
  options.save.on_progress = [&](uint64_t done, uint64_t total) {
    if (done == total) fs::resize_file(language / "model.safetensors", 1 << 20);
  };
  EXPECT_THAT(refusal(fixture("siglip"), language.path(), options), HasSubstr("model.safetensors"));
}

TEST_F(AssembleCheckpoint, ReportForPeople) {
  const std::string text = text_report(assemble(fixture("siglip"), fixture("phi3")));
  EXPECT_THAT(text, AllOf(HasSubstr("fusion_phi with the tower siglip"), HasSubstr("480 rows before, 473 now"),
                          HasSubstr("new: <vision_start>, <vision_end>"), HasSubstr("vision_model.head.* (")));
}

}  // namespace
}  // namespace fusion
