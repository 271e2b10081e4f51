// Runs that train adapters.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include "foundation/nn/tensor_io.h"
#include "pipeline/generation/assistant.h"
#include "pipeline/model/adapter.h"
#include "pipeline/preprocess/decode.h"
#include "workflows/training/loop/test_training.h"

namespace fusion {
namespace {

using testing::HasSubstr;

constexpr const char* kTarget = "model.layers.0.self_attn.qkv_proj";

GenerationResult answer(const Assistant& assistant, const TestRun& run) {
  Question question{.turns = single_question("Which colour comes first?", true)};
  question.pictures = {std::make_shared<const Picture>(load_picture(run.path("0.png")))};
  question.query_len = 16;
  question.generation.max_new_tokens = 8;
  return assistant.answer(question).generation;
}

torch::Tensor stored(const std::string& folder, const std::string& name) {
  const Checkpoint checkpoint(folder);
  const StoredTensor& tensor = *checkpoint.find(name);
  return tensor_of(tensor.file, *tensor.view).clone();
}

TEST(LoraRun, LeavesTheMergedModelAndTheAdapter) {
  const TestRun run;
  const TrainConfig config = run.write_config(add_lora);
  ASSERT_EQ(train(config), TrainEnd::kFinished);
  const auto steps = steps_of(config);
  EXPECT_LT(steps.back().loss, steps.front().loss);

  const std::string merged = config.output + "/model";
  for (const char* frozen : {"lm_head.weight", "model.norm.weight", "model.embed_tokens.weight"}) {
    EXPECT_TRUE(torch::equal(stored(merged, frozen), stored(config.model, frozen))) << frozen;
  }
  for (const char* trained : {"model.mm_projector.0.weight", "model.aux_projector.2.bias"}) {
    EXPECT_FALSE(torch::equal(stored(merged, trained), stored(config.model, trained))) << trained;
  }
  const std::string matrix = cat(kTarget, ".weight");
  EXPECT_FALSE(torch::equal(stored(merged, matrix), stored(config.model, matrix)));

  FusionModel adapted = load_fusion_model(config.model, {.adapter = config.output + "/adapter"});
  for (const auto& [name, linear] : linears_of(*adapted)) {
    const std::string weight = cat(name, ".weight");
    EXPECT_EQ(linear->adapter().has_value(), name.starts_with("model.layers.")) << name;
    EXPECT_TRUE(torch::equal(linear->merged_weight(), stored(merged, weight))) << name;
  }
  const Assistant of_merged(merged, {});
  const Assistant of_adapter(config.model, {.load = {.adapter = config.output + "/adapter"}});
  EXPECT_EQ(answer(of_adapter, run).ids, answer(of_merged, run).ids);
}

TEST(LoraRun, KeepsFrozenWeightsInTheir16BitsInMixedPrecision) {
  const TestRun run;
  init_checkpoint(small_preset(), run.path("narrow"), {.seed = 3, .dtype = "bfloat16"});
  const TrainConfig config = run.write_config([](auto& json) {
    add_lora(json);
    json["model"] = "narrow";
    json["precision"] = "bfloat16";
    json["validation"] = {{"mixture", "records.jsonl"}, {"every", 6}, {"samples", 4}, {"answers", 1}};
  });
  const auto communicator = single_process();
  Trainer trainer(config, torch::kCPU, *communicator, {});
  for (const auto& item : trainer.model().named_parameters()) {
    const auto expected = item.value().requires_grad() ? torch::kFloat32 : torch::kBFloat16;
    EXPECT_EQ(item.value().scalar_type(), expected) << item.key();
  }
  EXPECT_EQ(trainer.run(), TrainEnd::kFinished);
  const auto steps = steps_of(config);
  EXPECT_LT(steps.back().loss, steps.front().loss);
}

TEST(LoraRun, RefusesPatternsThatMatchNothingAndAnotherSection) {
  const TestRun run;
  const auto refusal = [&](const std::function<void(nlohmann::json&)>& edit) {
    const TrainConfig config = run.write_config([&](auto& json) {
      add_lora(json);
      edit(json);
    });
    return error_of([&] { train(config); });
  };
  EXPECT_THAT(refusal([](auto& json) { json["lora"]["targets"] = {"model.layers.*.qkv_porj"}; }),
              testing::AllOf(HasSubstr("model.layers.*.qkv_porj"), HasSubstr(kTarget)));
  EXPECT_THAT(refusal([](auto& json) { json["groups"] = {{{"match", "lm_head*"}}}; }), HasSubstr("lora.also_train"));
  train(run.write_config([](auto& json) {
    add_lora(json);
    json["steps"] = 2;
  }));
  EXPECT_THAT(refusal([](auto& json) {
                json["steps"] = 2;
                json["lora"]["alpha"] = 4;
              }),
              HasSubstr("lora.alpha: 8.0 and 4.0"));
}

}  // namespace
}  // namespace fusion
