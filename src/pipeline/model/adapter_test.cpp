#include "pipeline/model/adapter.h"

#include <ATen/CPUGeneratorImpl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>

#include "foundation/config/json_file.h"
#include "foundation/config/test_support.h"
#include "foundation/core/text.h"
#include "foundation/nn/tensor_io.h"
#include "pipeline/model/load_model.h"
#include "pipeline/model/model_test_support.h"

namespace fusion {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const std::string kGolden = FUSION_SOURCE_DIR "/parity/goldens/a_phi3_siglip_q4";
const std::string kOther = FUSION_SOURCE_DIR "/parity/goldens/c_llama_siglip_gqa";
constexpr const char* kQkv = "model.layers.0.self_attn.qkv_proj";
constexpr const char* kPrefix = "base_model.model.";

/// Random adapters on the decoder's and the tower's attention, no zero among them.
void add_random_adapters(torch::nn::Module& module) {
  auto generator = at::make_generator<at::CPUGeneratorImpl>(3);
  for (const auto& [name, linear] : linears_of(module)) {
    if (name.find("self_attn") == std::string::npos) continue;
    const auto& weight = linear->weight();
    linear->add_adapter({.rank = 4, .alpha = 8, .dropout = 0.1},
                        torch::empty({4, weight.size(1)}).normal_(0.0, 0.1, generator),
                        torch::empty({weight.size(0), 4}).normal_(0.0, 0.1, generator));
  }
}

/// The golden model with random adapters and another first projector matrix, and the folder that it was saved in.
class Adapter : public testing::Test {
 protected:
  Adapter() {
    add_random_adapters(*model_);
    projector().set_data(projector().clone().mul_(1.5));
    save_adapter(*model_, kGolden, {kProjector}, folder());
  }

  static constexpr const char* kProjector = "model.mm_projector.0.weight";
  torch::Tensor& projector() { return parameters_[kProjector]; }
  std::string folder() const { return scratch_ / "adapter"; }
  static torch::Tensor logits_of(FusionModel& model) {
    const torch::NoGradGuard no_grad;
    model->eval();
    PreparedInput input = golden_rows(kGolden, 0, 1);
    input.pixels = input.pixels.to(model->options().dtype());
    return model->forward(input).logits;
  }

  /// The error of loading the adapter after its tensors and its config went through the changes.
  using Tensors = std::map<std::string, torch::Tensor>;
  std::string refusal(
      const std::function<void(Tensors&)>& change_tensors,
      const std::function<void(nlohmann::json&)>& change_config = [](auto&) {}) const {
    const std::string changed = scratch_ / "changed";
    std::filesystem::create_directories(changed);
    Tensors tensors;
    const auto file = SafetensorsFile::open(folder() + "/adapter_model.safetensors");
    for (const TensorView& view : file->tensors()) tensors[view.name] = tensor_of(file, view);
    change_tensors(tensors);
    std::vector<TensorSource> sources;
    for (const auto& [name, tensor] : tensors) sources.push_back(source_of(name, tensor));
    write_safetensors(changed + "/adapter_model.safetensors", sources);
    nlohmann::json config = read_json_file(folder() + "/adapter_config.json");
    change_config(config);
    scratch_.put("changed/adapter_config.json", config.dump());
    return error_of([&] { load_model(kGolden, {.adapter = changed}); });
  }
  std::string config_refusal(const std::function<void(nlohmann::json&)>& change) const {
    return refusal([](Tensors&) {}, change);
  }

  ScratchFolder scratch_;
  FusionModel model_ = load_fusion_model(kGolden, {});
  torch::OrderedDict<std::string, torch::Tensor> parameters_ = model_->named_parameters();
};

TEST_F(Adapter, LoadsAsItWasSaved) {
  FusionModel loaded = load_fusion_model(kGolden, {.adapter = folder()});
  const auto expected = model_->named_parameters();
  const auto got = loaded->named_parameters();
  ASSERT_EQ(got.size(), expected.size());
  for (const auto& item : expected) {
    EXPECT_TRUE(torch::equal(got[item.key()], item.value())) << item.key();
    EXPECT_FALSE(got[item.key()].requires_grad()) << item.key();
  }
  EXPECT_TRUE(torch::equal(logits_of(loaded), logits_of(model_)));
}

TEST_F(Adapter, ComputesWhatTheMergedModelDoes) {
  for (const auto& [dtype, bound] : {std::pair(torch::kFloat64, 1e-12), {torch::kFloat32, 1e-5}}) {
    FusionModel adapted = load_fusion_model(kGolden, {.dtype = dtype, .adapter = folder()});
    FusionModel merged = load_fusion_model(kGolden, {.dtype = dtype});
    FusionModel plain = load_fusion_model(kGolden, {.dtype = dtype});
    auto parameters = merged->named_parameters();
    parameters[kProjector].set_data(projector().to(dtype));
    for (const auto& [name, linear] : linears_of(*adapted)) {
      parameters[cat(name, ".weight")].set_data(linear->merged_weight());
    }
    const auto of_merged = logits_of(merged);
    EXPECT_GT((of_merged - logits_of(plain)).abs().max().item<double>(), 0.1);
    EXPECT_LT((of_merged - logits_of(adapted)).abs().max().item<double>(), bound);
  }
}

TEST_F(Adapter, TakesTheDtypeOfTheMatrices) {
  FusionModel loaded = load_fusion_model(kGolden, {.dtype = torch::kBFloat16, .adapter = folder()});
  for (const auto& item : loaded->named_parameters()) {
    EXPECT_EQ(item.value().scalar_type(), torch::kBFloat16) << item.key();
  }
  EXPECT_TRUE(torch::isfinite(logits_of(loaded)).all().item<bool>());
}

TEST_F(Adapter, StaysWhenItsFileChanges) {
  FusionModel loaded = load_fusion_model(kGolden, {.adapter = folder()});
  std::filesystem::resize_file(folder() + "/adapter_model.safetensors", 0);
  EXPECT_TRUE(torch::equal(logits_of(loaded), logits_of(model_)));
}

TEST_F(Adapter, RefusesTensorsThatDoNotFit) {
  const std::string a = cat(kPrefix, kQkv, ".lora_A.weight");
  const std::string b = cat(kPrefix, kQkv, ".lora_B.weight");
  EXPECT_THAT(refusal([&](Tensors& tensors) { tensors.erase(b); }),
              AllOf(HasSubstr(kQkv), HasSubstr("got lora_A.weight without lora_B.weight")));
  EXPECT_THAT(refusal([&](Tensors& tensors) { tensors[a] = torch::zeros({4, 63}); }),
              AllOf(HasSubstr(kQkv), HasSubstr("expected shape [4, 64], got [4, 63]")));
  EXPECT_THAT(refusal([&](Tensors& tensors) { tensors[a] = torch::zeros({5, 64}); }),
              AllOf(HasSubstr("expected rank 4, as adapter_config.json says"), HasSubstr("5 and 4")));
  EXPECT_THAT(refusal([&](Tensors& tensors) { tensors[a] = torch::zeros({256}); }), HasSubstr("got [256]"));
  EXPECT_THAT(refusal([&](Tensors& tensors) { tensors[a] = torch::zeros({4, 64}, torch::kInt32); }),
              AllOf(HasSubstr("float values"), HasSubstr("got I32")));
  EXPECT_THAT(refusal([&](Tensors& tensors) { tensors["model.spare"] = torch::zeros({4}); }),
              HasSubstr("tensor model.spare"));
  EXPECT_THAT(refusal([&](Tensors& tensors) { tensors[cat(kPrefix, "model.spare")] = torch::zeros({4}); }),
              AllOf(HasSubstr("a parameter of modules_to_save"), HasSubstr("got model.spare")));
  EXPECT_THAT(refusal([&](Tensors& tensors) { tensors.erase(cat(kPrefix, "model.mm_projector.0.bias")); }),
              HasSubstr("none for model.mm_projector.0.bias"));
  EXPECT_THAT(refusal([](Tensors& tensors) {
                std::erase_if(tensors, [](const auto& item) { return item.first.find("lora") != std::string::npos; });
              }),
              HasSubstr("expected tensors of LoRA adapters, got none"));
}

TEST_F(Adapter, RefusesMatricesThatTheModelOrTheConfigDoesNotName) {
  const auto misnamed = [](Tensors& tensors) {
    for (const char* half : {".lora_A.weight", ".lora_B.weight"}) {
      auto moved = tensors.extract(cat(kPrefix, kQkv, half));
      moved.key() = cat(kPrefix, "model.layers.0.self_attn.qkv_porj", half);
      tensors.insert(std::move(moved));
    }
  };
  EXPECT_THAT(refusal(misnamed), HasSubstr("adapters of the target_modules"));
  EXPECT_THAT(refusal(misnamed, [](nlohmann::json& config) { config["target_modules"] = ".*_proj"; }),
              AllOf(HasSubstr("expected a matrix of this model"), HasSubstr("qkv_porj"), HasSubstr(kQkv)));
  EXPECT_THAT(config_refusal([](nlohmann::json& config) { config["target_modules"].push_back("lm_head"); }),
              HasSubstr("adapters of target module lm_head, got none"));
  EXPECT_THAT(config_refusal([](nlohmann::json& config) { config["modules_to_save"].push_back("lm_haed"); }),
              HasSubstr("got lm_haed"));
}

TEST_F(Adapter, RefusesAnotherBaseModel) {
  EXPECT_THAT(error_of([&] { load_model(kOther, {.adapter = folder()}); }), HasSubstr("another base model"));
}

TEST_F(Adapter, TakesEndsOfNamesAndKeysThatSayNothing) {
  EXPECT_EQ(read_json_file(folder() + "/adapter_config.json")["target_modules"][0].get<std::string>(), kQkv);
  const std::string copy = scratch_ / "copy";
  std::filesystem::copy(folder(), copy);
  nlohmann::json config = read_json_file(copy + "/adapter_config.json");
  config["target_modules"] = {"qkv_proj", "o_proj", "q_proj", "k_proj", "v_proj", "out_proj"};
  // What PEFT 0.21.2 writes beside.
  config.update({{"alpha_pattern", nlohmann::json::object()},
                 {"auto_mapping", {{"base_model_class", "FusionPhi3ForCausalLM"}, {"parent_library", "fusion"}}},
                 {"eva_config", nullptr},
                 {"fan_in_fan_out", false},
                 {"init_lora_weights", true},
                 {"loftq_config", nlohmann::json::object()},
                 {"lora_bias", false},
                 {"megatron_core", "megatron.core"},
                 {"peft_version", "0.21.2"},
                 {"qalora_group_size", 16},
                 {"rank_pattern", nlohmann::json::object()},
                 {"revision", nullptr},
                 {"use_dora", false},
                 {"use_rslora", false}});
  scratch_.put("copy/adapter_config.json", config.dump());
  FusionModel loaded = load_fusion_model(kGolden, {.adapter = copy});
  EXPECT_TRUE(torch::equal(logits_of(loaded), logits_of(model_)));
}

TEST_F(Adapter, RefusesConfigsThatAskForMoreThanLora) {
  const auto with = [this](const char* key, const nlohmann::json& value) {
    return config_refusal([&](nlohmann::json& config) { config[key] = value; });
  };
  EXPECT_THAT(with("peft_type", "IA3"), HasSubstr("expected \"LORA\""));
  EXPECT_THAT(with("bias", "all"), HasSubstr("expected \"none\""));
  EXPECT_THAT(with("use_dora", true), AllOf(HasSubstr("use_dora"), HasSubstr("a variant of LoRA")));
  EXPECT_THAT(with("rank_pattern", {{"q_proj", 8}}), HasSubstr("rank_pattern"));
  EXPECT_THAT(with("init_lora_weights", "pissa"), HasSubstr("change the base model too"));
  EXPECT_THAT(with("r", 8), HasSubstr("expected rank 8"));
  EXPECT_THAT(with("r", 0), HasSubstr("key 'r'"));
  EXPECT_THAT(with("r", int64_t{1} << 40), HasSubstr("key 'r'"));
  EXPECT_THAT(with("lora_alpha", -1), HasSubstr("alpha: expected a number above 0"));
  EXPECT_THAT(with("lora_dropout", 1), HasSubstr("dropout: expected a number from 0 to below 1"));
  EXPECT_THAT(with("target_modules", 3), HasSubstr("target_modules"));
  EXPECT_THAT(config_refusal([](nlohmann::json& config) { config.erase("lora_alpha"); }), HasSubstr("lora_alpha"));
}

TEST_F(Adapter, RefusesFilesThatAreMissingOrCut) {
  EXPECT_THAT(error_of([] { load_model(kGolden, {.adapter = "/nowhere"}); }),
              HasSubstr("/nowhere/adapter_config.json"));
  std::filesystem::resize_file(folder() + "/adapter_model.safetensors", 900);
  EXPECT_THAT(error_of([&] { load_model(kGolden, {.adapter = folder()}); }), HasSubstr("adapter_model.safetensors"));
  std::filesystem::remove(folder() + "/adapter_model.safetensors");
  EXPECT_THAT(error_of([&] { load_model(kGolden, {.adapter = folder()}); }), HasSubstr("adapter_model.safetensors"));
}

TEST(SaveAdapter, RefusesAModelWithoutOne) {
  const ScratchFolder scratch;
  FusionModel model = load_fusion_model(kGolden, {});
  EXPECT_THAT(error_of([&] { save_adapter(*model, kGolden, {}, scratch.path()); }), HasSubstr("a model with adapters"));
}

}  // namespace
}  // namespace fusion
