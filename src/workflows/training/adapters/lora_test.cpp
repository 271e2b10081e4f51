#include "workflows/training/adapters/lora.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <nlohmann/json.hpp>
#include <set>

#include "foundation/config/test_support.h"
#include "foundation/nn/parameter.h"
#include "pipeline/model/adapter.h"
#include "pipeline/model/load_model.h"
#include "pipeline/model/model_test_support.h"

namespace fusion {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

const std::string kGolden = FUSION_SOURCE_DIR "/parity/goldens/a_phi3_siglip_q4";
constexpr const char* kQkv = "model.layers.0.self_attn.qkv_proj";

LoraSettings settings_of(std::vector<std::string> targets, std::vector<std::string> also_train = {}) {
  return {.rank = 4, .alpha = 8, .targets = std::move(targets), .also_train = std::move(also_train)};
}

class Lora : public testing::Test {
 protected:
  torch::Tensor parameter(const std::string& name) { return model_->named_parameters()[name]; }
  std::string error_with(const LoraSettings& settings) {
    return error_of([&] { add_adapters(*model_, settings, 1); });
  }

  FusionModel model_ = load_fusion_model(kGolden, {});
};

TEST_F(Lora, BeginsAsTheModelItself) {
  const auto logits = [this] { return model_->forward(golden_rows(kGolden, 0, 1)).logits; };
  const auto before = logits();
  add_adapters(*model_, settings_of({"model.layers.*", "lm_head"}), 1);
  model_->train();
  EXPECT_TRUE(torch::equal(logits(), before));
  const auto b = parameter(std::string(kQkv) + ".lora_B");
  EXPECT_TRUE(torch::equal(b, torch::zeros({parameter(std::string(kQkv) + ".weight").size(0), 4})));
  const auto a = parameter(std::string(kQkv) + ".lora_A");
  ASSERT_EQ(a.sizes(), (std::vector<int64_t>{4, 64}));
  EXPECT_LE(a.abs().max().item<double>(), 0.125);  // 1 / sqrt(64)
  EXPECT_NEAR(a.std().item<double>(), 0.125 / std::sqrt(3.0), 0.015);
}

TEST_F(Lora, OnlyAdaptersAndWhatElseWasNamedLearn) {
  set_requires_grad(*model_, true);
  add_adapters(*model_, settings_of({"model.layers.*"}, {"model.mm_projector.*"}), 1);
  model_->losses(golden_rows(kGolden, 0, 1)).total.backward();
  std::set<std::string> learning;
  for (const auto& item : model_->named_parameters()) {
    const bool adapter = item.key().ends_with(".lora_A") || item.key().ends_with(".lora_B");
    const bool named = item.key().starts_with("model.mm_projector.");
    EXPECT_EQ(item.value().requires_grad(), adapter || named) << item.key();
    EXPECT_EQ(item.value().grad().defined(), adapter || named) << item.key();
    if (adapter) learning.insert(item.key());
  }
  EXPECT_THAT(learning, SizeIs(2 * 4 * model_->config().decoder.num_layers));  // qkv, o, gate_up, down
}

TEST_F(Lora, StartValuesDependOnSeedAndNameAlone) {
  add_adapters(*model_, settings_of({"model.layers.*"}), 5);
  FusionModel other = load_fusion_model(kGolden, {});
  torch::rand({7});  // torch's own generator has no part in it
  add_adapters(*other, settings_of({"lm_head", kQkv}), 5);
  FusionModel another = load_fusion_model(kGolden, {});
  add_adapters(*another, settings_of({kQkv}), 6);
  const std::string name = std::string(kQkv) + ".lora_A";
  EXPECT_TRUE(torch::equal(parameter(name), other->named_parameters()[name]));
  EXPECT_FALSE(torch::equal(parameter(name), another->named_parameters()[name]));
  EXPECT_FALSE(torch::equal(parameter(name), parameter("model.layers.1.self_attn.qkv_proj.lora_A")));
}

TEST_F(Lora, APatternThatMatchesNothingNamesSimilarOnes) {
  EXPECT_THAT(error_with(settings_of({"model.layers.*", "model.layers.*.self_attn.qkv_porj"})),
              AllOf(HasSubstr("lora.targets \"model.layers.*.self_attn.qkv_porj\""),
                    HasSubstr("a pattern that matches matrices"), HasSubstr(kQkv)));
  // A matrix, not its parameters.
  EXPECT_THAT(error_with(settings_of({"model.layers.*.qkv_proj.weight"})), HasSubstr("none of "));
  EXPECT_THAT(error_with(settings_of({kQkv}, {"model.mm_projektor.*"})),
              AllOf(HasSubstr("lora.also_train \"model.mm_projektor.*\""), HasSubstr("model.mm_projector.0.weight")));
}

TEST_F(Lora, RefusesSettingsThatMakeNoSense) {
  EXPECT_THAT(error_with(settings_of({})), HasSubstr("targets: expected at least one pattern"));
  EXPECT_THAT(error_with({.rank = 0, .alpha = 1, .targets = {"*"}}), HasSubstr("rank"));
  EXPECT_THAT(error_with({.rank = 1, .alpha = 0, .targets = {"*"}}), HasSubstr("alpha"));
  EXPECT_THAT(error_with({.rank = 1, .alpha = 1, .dropout = 1, .targets = {"*"}}), HasSubstr("dropout"));
  EXPECT_THAT(error_with(settings_of({"model.mm_projector.0"}, {"model.mm_projector.*"})),
              AllOf(HasSubstr("model.mm_projector.0.weight"), HasSubstr("either itself or by its adapter")));
}

TEST_F(Lora, GroupsHoldWhatLearnsOnly) {
  add_adapters(*model_, settings_of({"model.layers.*"}, {"model.mm_projector.*"}), 1);
  const std::vector<GroupRule> rules{{.match = "model.mm_projector.*", .lr = 1e-5},
                                     {.match = "lm_head.*", .frozen = true}};
  const auto grouped = group_trainable(*model_, 2e-4, 0.1, rules);
  ASSERT_THAT(grouped.groups, SizeIs(3));
  EXPECT_EQ(grouped.groups[0].lr, 1e-5);
  EXPECT_THAT(grouped.groups[0].parameters, SizeIs(2));
  EXPECT_EQ(grouped.groups[1].name, "model.mm_projector.* (1-D)");
  EXPECT_EQ(grouped.groups[2].name, "the rest");
  for (const auto& parameter : grouped.groups[2].parameters) {
    EXPECT_THAT(parameter.name, HasSubstr(".lora_")) << parameter.name;
    EXPECT_TRUE(parameter.value.requires_grad());
  }
  for (const auto& parameter : grouped.frozen) EXPECT_FALSE(parameter.value.requires_grad()) << parameter.name;
  EXPECT_EQ(grouped.frozen.size() + 4 + grouped.groups[2].parameters.size(), model_->parameters().size());
}

TEST_F(Lora, ARateForFrozenParametersOnlyIsAnError) {
  add_adapters(*model_, settings_of({kQkv}), 1);
  const auto error = [&](const GroupRule& rule) {
    return error_of([&] { group_trainable(*model_, 1e-4, 0, {&rule, 1}); });
  };
  EXPECT_THAT(error({.match = "model.vision_tower.*", .lr = 1e-5}),
              AllOf(HasSubstr("frozen ones only"), HasSubstr("lora.also_train")));
  FusionModel fresh = load_fusion_model(kGolden, {});
  add_adapters(*fresh, settings_of({kQkv}), 1);
  const GroupRule everything{.match = "*.lora_?", .frozen = true};
  EXPECT_THAT(error_of([&] { group_trainable(*fresh, 1e-4, 0, {&everything, 1}); }), HasSubstr("all are frozen"));
}

TEST_F(Lora, SavedAndLoadedItAnswersTheSame) {
  const auto settings = settings_of({"model.layers.*"}, {"model.mm_projector.2.weight", "model.norm.weight"});
  add_adapters(*model_, settings, 1);
  const auto trained = parameters_also_trained(*model_, settings);
  EXPECT_THAT(trained, ElementsAre("model.norm.weight", "model.mm_projector.2.weight"));
  {
    const torch::NoGradGuard no_grad;
    for (auto& item : model_->named_parameters()) {
      if (item.value().requires_grad()) item.value().set_data(item.value() + 0.05);
    }
  }
  const ScratchFolder scratch;
  save_adapter(*model_, kGolden, trained, scratch / "adapter");
  FusionModel loaded = load_fusion_model(kGolden, {.adapter = scratch / "adapter"});
  const auto logits = [](FusionModel& model) {
    const torch::NoGradGuard no_grad;
    return model->forward(golden_rows(kGolden, 0, 1)).logits;
  };
  EXPECT_TRUE(torch::equal(logits(loaded), logits(model_)));
}

TEST(LoraSection, IsReadStrictly) {
  const auto read = [](const nlohmann::json& json) {
    return read_fields<LoraSettings>(JsonObject(json, "train.yaml", "lora"));
  };
  const nlohmann::json good = {{"rank", 8}, {"alpha", 16}, {"targets", {"lm_head"}}};
  EXPECT_EQ(read(good).adapter().scale(), 2);
  nlohmann::json typo = good;
  typo["rnak"] = 3;
  EXPECT_THAT(error_of([&] { read(typo); }), HasSubstr("did you mean"));
  nlohmann::json missing = good;
  missing.erase("alpha");
  EXPECT_THAT(error_of([&] { read(missing); }), HasSubstr("lora.alpha"));
}

}  // namespace
}  // namespace fusion
