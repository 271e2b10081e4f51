#include "workflows/training/plan/run_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <map>

#include "foundation/config/json_file.h"
#include "foundation/config/output_file.h"
#include "foundation/config/test_support.h"
#include "foundation/core/text.h"
#include "workflows/training/loop/test_run.h"
#include "workflows/training/plan/plan_report.h"

namespace fusion {
namespace {

using testing::HasSubstr;

const std::string kExamples = std::string(FUSION_SOURCE_DIR) + "/examples/train";

/// A config for a preset of which there is no folder, and no data.
TrainConfig published(const std::string& preset, const std::function<void(nlohmann::json&)>& edit = {}) {
  nlohmann::json json = {{"model", preset},
                         {"output", "run"},
                         {"batch_size", 256},
                         {"micro_batch_size", 4},
                         {"max_length", 2048},
                         {"precision", "bfloat16"},
                         {"activation_checkpointing", true},
                         {"data", {{"mixture", "missing.yaml"}}},
                         {"optimizer", {{"learning_rate", 2e-5}}}};
  if (edit) edit(json);
  return parse_train_config(json, "/nowhere/train.yaml");
}

PlanOptions on(const std::string& device, int64_t world_size) {
  return {.world_size = world_size, .device = find_device(device)};
}

TEST(RunPlan, CountsTheParametersOfThePublishedModels) {
  const std::map<std::string, double> published_sizes = {{"fusion-phi3.5-3b", 5.093},
                                                         {"fusion-x-phi3.5-3b", 5.808},
                                                         {"fusion-llama3.1-8b", 9.975},
                                                         {"fusion-x-llama3.1-8b", 10.692}};
  for (const auto& [preset, size] : published_sizes) {
    const RunPlan plan = plan_run(published(preset), on("h100", 32));
    EXPECT_NEAR(static_cast<double>(plan.trained) / 1e9, size, 0.001) << preset;
    EXPECT_EQ(plan.frozen, 0U);
    EXPECT_EQ(plan.model, preset);
    EXPECT_DOUBLE_EQ(plan.memory.weights, 4.0 * static_cast<double>(plan.trained));
    EXPECT_DOUBLE_EQ(plan.memory.optimizer, 8.0 * static_cast<double>(plan.trained) / 32);
    // Three times the forward pass, the layers once more; 2 operations a parameter and position at the least.
    EXPECT_GT(plan.step.total(), 3.5 * plan.step.forward) << preset;
    EXPECT_LT(plan.step.total(), 4 * plan.step.forward) << preset;
    EXPECT_GT(plan.step.forward, 2.0 * 3e9 * plan.tokens_per_step()) << preset;
  }
}

TEST(RunPlan, GroupsAreThoseThatTrainingMakes) {
  const auto frozen_tower = [](nlohmann::json& json) {
    json["groups"] = {{{"match", "model.vision_tower.*"}, {"frozen", true}},
                      {{"match", "*mm_projector*"}, {"learning_rate", 1e-3}}};
    json["optimizer"]["weight_decay"] = 0.1;
  };
  const RunPlan plan = plan_run(published("fusion-phi3.5-3b", frozen_tower), on("h100", 32));
  ASSERT_EQ(plan.groups.size(), 4U);
  EXPECT_EQ(plan.groups[0].name, "*mm_projector*");
  EXPECT_EQ(plan.groups[0].learning_rate, 1e-3);
  EXPECT_EQ(plan.groups[1].weight_decay, 0);  // biases
  EXPECT_NEAR(static_cast<double>(plan.frozen) / 1e9, 0.398, 0.001);

  const auto idle = [](nlohmann::json& json) {
    json["groups"] = {{{"match", "model.vison_tower.*"}, {"frozen", true}}};
  };
  EXPECT_THAT(error_of([&] { plan_run(published("fusion-phi3.5-3b", idle), on("h100", 32)); }),
              HasSubstr("a pattern that matches parameters"));
}

TEST(RunPlan, StepsFollowFromRecordsAndAreNotInvented) {
  PlanOptions options = on("h100", 32);
  EXPECT_FALSE(plan_run(published("fusion-phi3.5-3b"), options).hours());

  options.records = 10'000'001;
  const RunPlan plan = plan_run(published("fusion-phi3.5-3b"), options);
  EXPECT_EQ(plan.steps, 39063);
  EXPECT_EQ(plan.warmup_steps, 1172);
  EXPECT_EQ(plan.micro_batches, 2);
  EXPECT_NEAR(*plan.hours(), plan.step.total() * 39063 / (32 * 0.4 * 989e12) / 3600, 1e-6);
  EXPECT_DOUBLE_EQ(*plan.device_hours(), 32 * *plan.hours());

  options.mean_length = 1024;
  EXPECT_LT(*plan_run(published("fusion-phi3.5-3b"), options).hours(), 0.6 * *plan.hours());
}

TEST(RunPlan, OneProcessKeepsWholeGradientsAndManyTheirPart) {
  const auto one_batch = [](nlohmann::json& json) { json["optimizer"]["ema_decay"] = 0.999; };
  const TrainConfig config = published("nano", one_batch);
  const RunPlan one = plan_run(config, on("h100", 1));
  const RunPlan four = plan_run(config, on("h100", 4));
  EXPECT_EQ(one.memory.gradients, one.memory.weights);
  EXPECT_EQ(one.memory.gradients_moving, 0);
  EXPECT_EQ(four.memory.gradients, one.memory.gradients / 4);
  EXPECT_GT(four.memory.gradients_moving, 0);
  EXPECT_EQ(four.memory.ema, one.memory.ema / 4);
  EXPECT_EQ(four.memory.activations.total(), one.memory.activations.total());
}

TEST(RunPlan, AdaptersLeaveTheirModelIn16Bits) {
  const auto adapters = [](nlohmann::json& json) {
    json["lora"] = {{"rank", 8}, {"alpha", 16}, {"targets", {"model.layers.*.qkv_proj"}}};
  };
  const RunPlan plan = plan_run(published("fusion-phi3.5-3b", adapters), on("h100", 1));
  EXPECT_EQ(plan.trained, 32U * 8 * (3072 + 9216));
  EXPECT_EQ(plan.memory.weights, 4.0 * static_cast<double>(plan.trained) + 2.0 * 5'093'034'784);
  EXPECT_EQ(plan.memory.narrow_weights, 2.0 * static_cast<double>(plan.trained));
  EXPECT_EQ(plan.memory.activations.tower, 0);  // nothing before the decoder learns
  // The forward pass, once more, and the gradients of rows: the adapters' own are a few per mille.
  EXPECT_LT(plan.step.weight_gradients, 0.01 * plan.step.forward);
  EXPECT_GT(plan.step.input_gradients, 0.5 * plan.step.forward);
}

TEST(RunPlan, RefusesWhatCannotFitAndSaysWhatWouldHelp) {
  const auto greedy = [](nlohmann::json& json) {
    json["activation_checkpointing"] = false;
    json["micro_batch_size"] = 8;
  };
  const RunPlan plan = plan_run(published("fusion-phi3.5-3b", greedy), on("rtx4090", 8));
  const std::string error = error_of([&] { require_fit(plan); });
  for (const char* part : {"at most 24.0 GB", "weights ", "gradients ", "optimizer ", "activations ",
                           "activation_checkpointing: ", "then micro_batch_size 1: "}) {
    EXPECT_THAT(error, HasSubstr(part));
  }
  EXPECT_FALSE(json_report(plan)["fits"].get<bool>());
  EXPECT_NO_THROW(require_fit(plan_run(published("nano"), on("rtx4090", 8))));
}

TEST(RunPlan, RefusesWhatTrainingWouldRefuse) {
  const TrainConfig config = published("fusion-phi3.5-3b");
  EXPECT_THAT(error_of([&] { plan_run(config, on("h100", 3)); }), HasSubstr("a multiple of 12"));
  EXPECT_THAT(error_of([&] { plan_run(config, on("h100", 0)); }), HasSubstr("world size"));
  EXPECT_THAT(error_of([&] { plan_run(published("fusion-phi3-3b"), on("h100", 1)); }),
              HasSubstr("did you mean fusion-phi3.5-3b?"));
  EXPECT_THAT(error_of([] { find_device("h10"); }), HasSubstr("did you mean h100?"));
  PlanOptions options = on("h100", 1);
  options.utilisation = 40;
  EXPECT_THAT(error_of([&] { plan_run(config, options); }), HasSubstr("utilisation"));
}

TEST(RunPlan, RefusesSettingsThatTheModelCannotHave) {
  const TestRun run;
  const auto refusal = [&](const std::function<void(nlohmann::json&)>& edit) {
    return error_of([&] { plan_run(run.write_config(edit), on("h100", 1)); });
  };
  EXPECT_THAT(refusal([](auto& json) { json["max_length"] = 4097; }), HasSubstr("max_position_embeddings"));
  EXPECT_EQ(plan_run(run.write_config([](auto& json) { json["max_length"] = 4096; }), on("h100", 1)).shapes.max_length,
            4096);

  Preset blind = small_preset();
  blind.files.config.update({{"query_len", "0"}, {"num_of_vision_sampler_layers", 0}});
  init_checkpoint(blind, run.path("blind"), {.dtype = "float32"});
  EXPECT_THAT(refusal([](auto& json) { json["model"] = "blind"; }), HasSubstr("no latent tokens"));
}

TEST(RunPlan, OpensTheDataToValidateWith) {
  const TestRun run;
  const TrainConfig config = run.write_config([](auto& json) { json["validation"] = {{"mixture", "check.yaml"}}; });
  EXPECT_THAT(join(plan_run(config, on("h100", 1)).notes, "\n"), HasSubstr("no data to validate with"));
  write_text_file(run.path("check.yaml"), "datasets: []\n");
  EXPECT_THAT(error_of([&] { plan_run(config, on("h100", 1)); }), HasSubstr("check.yaml"));
}

TEST(RunPlan, NotesWhatDoesNotFitTheModel) {
  const TestRun run;
  const std::string path = run.path("model/config.json");
  nlohmann::json changed = read_json_file(path);
  changed["intermediate_size"] = 160;
  write_text_file(path, changed.dump());
  EXPECT_THAT(join(plan_run(run.write_config([](auto&) {}), on("h100", 1)).notes, "\n"),
              HasSubstr("the weights do not fit config.json"));
}

TEST(RunPlan, HugeNumbersAreRefusedNotComputedWrong) {
  const auto huge = [](nlohmann::json& json) {
    json["batch_size"] = int64_t{1} << 40;
    json["micro_batch_size"] = int64_t{1} << 40;
  };
  const RunPlan plan = plan_run(published("fusion-phi3.5-3b", huge), on("h100", 1));
  EXPECT_THAT(error_of([&] { require_fit(plan); }), HasSubstr("micro_batch_size 1: "));
}

TEST(RunPlan, LooksAtTheDataWhereTheyAre) {
  const TestRun run;
  const TrainConfig config = run.write_config([](auto&) {});
  const RunPlan plan = plan_run(config, on("h100", 1));
  EXPECT_TRUE(plan.from_data);
  EXPECT_EQ(plan.records, TestRun::kRecords);
  EXPECT_EQ(plan.steps, 6);
  EXPECT_EQ(plan.micro_batches, 2);
  EXPECT_EQ(plan.longest.samples, 4);
  EXPECT_EQ(plan.longest.latents, 16);
  EXPECT_EQ(plan.ordinary.latents, 10);  // of 4 and 16
  EXPECT_GT(plan.longest.length, plan.ordinary.length);
  EXPECT_GT(plan.ordinary.length, 64);  // the picture alone
  EXPECT_GT(plan.ordinary.targets, 1);

  std::filesystem::remove(run.path("0.png"));
  EXPECT_THAT(join(plan_run(config, on("h100", 1)).notes, "\n"), HasSubstr("are broken, the first"));
}

TEST(RunPlan, IsWrittenAsTablesAndAsJson) {
  PlanOptions options = on("a100", 32);
  options.records = 1000;
  const RunPlan plan = plan_run(published("fusion-phi3.5-3b"), options);
  const std::string text = text_report(plan);
  for (const char* part :
       {"5,093,034,784", "the rest", "of which warm-up", "32 x 2 x 4: processes", "their copies in 16 bits",
        "of 80.0 GB", "32 x a100 at 40.0 % of 3.12e+14/s", "device hours"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
  const auto json = json_report(plan);
  EXPECT_EQ(json["steps"], 4);
  EXPECT_EQ(json["bytes"]["total"], static_cast<uint64_t>(std::llround(plan.memory.total())));
  EXPECT_EQ(json["parameters"]["trained"], plan.trained);
  EXPECT_EQ(json["flops"]["step"], plan.step.total());
  EXPECT_TRUE(json["fits"]);
  EXPECT_TRUE(json_report(plan_run(published("nano"), on("a100", 1)))["steps"].is_null());
}

TEST(RunPlan, EveryExampleIsReadAndFits) {
  int64_t configs = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kExamples)) {
    if (entry.path().extension() != ".yaml") continue;
    SCOPED_TRACE(entry.path().filename());
    ++configs;
    const TrainConfig config = read_train_config(entry.path());
    const std::string name = entry.path().filename();
    const bool of_many = name.starts_with("stage");
    PlanOptions options = on(of_many ? "h100" : "rtx4090", of_many ? 32 : 1);
    options.records = 1'000'000;
    if (name.find("phi3.5-3b") != std::string::npos) options.model = "fusion-phi3.5-3b";
    if (name.find("llama3.1-8b") != std::string::npos) options.model = "fusion-llama3.1-8b";
    if (name.starts_with("smollm2")) options.model = "nano";  // its own folder is put together by hand
    const RunPlan plan = plan_run(config, options);
    EXPECT_NO_THROW(require_fit(plan));
    EXPECT_GT(plan.trained, 0U);
  }
  EXPECT_GE(configs, 7);
}

TEST(RunPlan, TheStagesOfNanoFollowOneAnother) {
  const std::filesystem::path nano = FUSION_SOURCE_DIR "/examples/nano";
  std::map<std::string, TrainConfig> stages;  // by the model that they leave
  for (const auto& entry : std::filesystem::directory_iterator(nano)) {
    if (!entry.path().filename().string().starts_with("train-")) continue;
    const TrainConfig config = read_train_config(entry.path());
    EXPECT_TRUE(stages.emplace(std::filesystem::path(config.output + "/model").lexically_normal(), config).second);
  }
  int64_t first = 0;
  for (const auto& [left, config] : stages) {
    SCOPED_TRACE(left);
    const std::string begun = std::filesystem::path(config.model).lexically_normal();
    if (begun.ends_with("build/nano/start")) {
      ++first;
    } else {
      EXPECT_TRUE(stages.contains(begun)) << begun;
    }
    PlanOptions options = on("rtx4090", 1);
    options.records = 100'000;
    options.model = nano / "model";
    TrainConfig without_data = config;
    without_data.data.mixture = "none.yaml";
    EXPECT_GT(plan_run(without_data, options).trained, 0U);
  }
  EXPECT_EQ(first, 1);
  EXPECT_GE(stages.size(), 4U);
}

}  // namespace
}  // namespace fusion
