#include "workflows/training/loop/trainer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <algorithm>
#include <filesystem>

#include "foundation/config/json_file.h"
#include "foundation/config/output_file.h"
#include "pipeline/generation/assistant.h"
#include "pipeline/model/load_model.h"
#include "pipeline/preprocess/decode.h"
#include "workflows/datasets/data_report.h"
#include "workflows/training/loop/test_training.h"

namespace fusion {
namespace {

using testing::HasSubstr;

std::string refusal_of(const TrainConfig& config) {
  return error_of([&] { train(config); });
}

TEST(Trainer, LeavesARunThatCanBeReadAndAModelThatAnswers) {
  const TestRun run;
  const TrainConfig config = run.write_config([](auto& json) {
    json["validation"] = {
        {"mixture", "records.jsonl"}, {"every", 3}, {"samples", 6}, {"answers", 2}, {"max_new_tokens", 4}};
  });
  EXPECT_EQ(train(config), TrainEnd::kFinished);

  const auto steps = steps_of(config);
  ASSERT_EQ(steps.size(), 6U);
  EXPECT_EQ(steps.back().step, 6);
  EXPECT_EQ(steps.back().samples, 8);
  EXPECT_GT(steps.front().loss, steps.front().loss_ce);
  EXPECT_LT(steps.back().loss, steps.front().loss);
  const auto validations = validations_of(config);
  ASSERT_EQ(validations.size(), 2U);
  EXPECT_EQ(validations[1].samples, 6);
  EXPECT_TRUE(validations[1].exact_match.has_value());
  EXPECT_TRUE(std::filesystem::exists(run.output() + "/validation/step-6.html"));
  EXPECT_THAT(read_fusion_config(run.output() + "/model").query_lengths, testing::ElementsAre(4, 16));

  const Assistant assistant(run.output() + "/model", {});
  Question question{.turns = single_question("Which colour comes first?", true)};
  question.pictures = {std::make_shared<const Picture>(load_picture(run.path("0.png")))};
  question.query_len = 16;
  question.generation.max_new_tokens = 4;
  EXPECT_GE(assistant.answer(question).generation.ids.size(), 1U);
}

TEST(Trainer, AStageWithoutLatentTokensLeavesTheirWeightsAndCounts) {
  const TestRun run;
  train(run.write_config([](nlohmann::json& json) {
    json["query_lengths"] = {0};
    json["optimizer"]["weight_decay"] = 0.1;
  }));
  EXPECT_EQ(read_fusion_config(run.output() + "/model").query_lengths,
            read_fusion_config(run.path("model")).query_lengths);
  const auto before = load_fusion_model(run.path("model"), {});
  const auto after = load_fusion_model(run.output() + "/model", {});
  int64_t of_latents = 0;
  for (const auto& item : before->named_parameters()) {
    const bool same = torch::equal(item.value(), after->named_parameters()[item.key()]);
    if (item.key().find("vision_sampler_layers") != std::string::npos) {
      EXPECT_TRUE(same) << item.key();
      ++of_latents;
    } else if (item.key() == "model.mm_projector.0.weight") {
      EXPECT_FALSE(same);
    }
  }
  EXPECT_GT(of_latents, 0);
}

TEST(Trainer, AModelTrainedWithAndWithoutLatentTokensCanBeRead) {
  const TestRun run;
  train(run.write_config([](nlohmann::json& json) { json["query_lengths"] = {0, 16}; }));
  EXPECT_THAT(read_fusion_config(run.output() + "/model").query_lengths, testing::ElementsAre(16));
}

TEST(Trainer, ARunThatIsFinishedStaysFinished) {
  const TestRun run;
  const TrainConfig config = run.write_config([](auto& json) { json["steps"] = 2; });
  EXPECT_EQ(train(config), TrainEnd::kFinished);
  EXPECT_EQ(train(config), TrainEnd::kFinished);
  EXPECT_EQ(steps_of(config).size(), 2U);
}

TEST(Trainer, RefusesToGoOnWithAnythingElse) {
  const TestRun run;
  train_until(run.write_config([](auto&) {}), 2);
  const auto changed = [&](const std::function<void(nlohmann::json&)>& edit) {
    return refusal_of(run.write_config(edit));
  };
  EXPECT_THAT(changed([](auto& json) { json["batch_size"] = 4; }), HasSubstr("batch_size: 8 and 4"));
  EXPECT_THAT(changed([](auto& json) { json["optimizer"]["learning_rate"] = 1e-4; }),
              HasSubstr("optimizer.learning_rate: 0.001 and 0.0001"));
  EXPECT_THAT(changed([](auto& json) { json["groups"] = {{{"match", "lm_head*"}, {"frozen", true}}}; }),
              HasSubstr("groups"));

  // The same settings, another architecture.
  Preset preset = small_preset();
  preset.files.config["intermediate_size"] = 160;
  init_checkpoint(preset, run.path("wider"), {.dtype = "float32"});
  EXPECT_THAT(changed([](auto& json) { json["model"] = "wider"; }), HasSubstr("another architecture"));

  std::filesystem::resize_file(run.path("records.jsonl"), 2000);
  EXPECT_THAT(changed([](auto&) {}), HasSubstr("other files, sizes or strategies"));
}

TEST(Trainer, RefusesToGoOnWithChangedFilesOfItsModel) {
  const TestRun run;
  const TrainConfig config = run.write_config([](auto&) {});
  train_until(config, 2);
  const std::string path = run.path("model/config.json");
  nlohmann::json changed = read_json_file(path);
  write_text_file(path, changed.dump());  // laid out otherwise
  train_until(config, 3);
  changed["text_guided_encoding"] = false;
  write_text_file(path, changed.dump());
  EXPECT_THAT(refusal_of(config), HasSubstr("got another config.json; restore it"));

  // As an older program left it.
  const RunCheckpoints checkpoints(config.output);
  const std::string position = checkpoints.path_of(checkpoints.steps().back()) + "/trainer.json";
  nlohmann::json older = read_json_file(position);
  EXPECT_EQ(older.erase("model_files"), 1U);
  write_text_file(position, older.dump());
  const auto communicator = single_process();
  EXPECT_NO_THROW(Trainer(config, torch::kCPU, *communicator, {}));
}

TEST(Trainer, StopsOnALossThatIsNoNumberAndKeepsTheBatch) {
  const TestRun run;
  const TrainConfig config = run.write_config([](auto& json) {
    json["optimizer"] = {{"learning_rate", 10}, {"clip_norm", nullptr}, {"epsilon", 1e-30}, {"beta2", 0}};
    json["schedule"] = {{"kind", "constant"}, {"warmup_ratio", 0}};
    json["steps"] = 200;
    json["checkpoints"]["every"] = 1;
  });
  EXPECT_THAT(refusal_of(config), HasSubstr("the step's batch is in"));
  bool found = false;
  for (const auto& entry : std::filesystem::directory_iterator(run.output())) {
    if (!entry.path().filename().string().starts_with("bad-step-")) continue;
    const auto batch = SafetensorsFile::open(entry.path().string());
    EXPECT_NE(batch->find("0.pixels"), nullptr);
    EXPECT_THAT(batch->metadata().at("0.ids"), HasSubstr("picture-"));
    found = true;
  }
  EXPECT_TRUE(found);
}

TEST(Trainer, RefusesWhatCannotWork) {
  const TestRun run;
  EXPECT_THAT(refusal_of(run.write_config([](auto& json) { json["model"] = "none"; })), HasSubstr(run.path("none")));
  EXPECT_THAT(refusal_of(run.write_config([](auto& json) { json["data"]["mixture"] = "none.yaml"; })),
              HasSubstr("none.yaml"));
  EXPECT_THAT(refusal_of(run.write_config([](auto& json) { json["groups"] = {{{"match", "no.such.*"}}}; })),
              HasSubstr("no.such.*"));
  for (int i = 0; i < TestRun::kPictures; ++i) std::filesystem::remove(run.path(cat(i, ".png")));
  EXPECT_THAT(refusal_of(run.write_config([](auto&) {})), HasSubstr("broken"));
}

TEST(Trainer, AFailingValidationCostsNoSteps) {
  const TestRun run;
  const std::string picture = run.path("look.png");
  const auto put_picture = [&] { std::filesystem::copy_file(run.path("0.png"), picture); };
  put_picture();
  write_text_file(
      run.path("look.jsonl"),
      R"({"id": "look", "image": "look.png", "conversations": [{"from": "human", "value": "<image>\nWhat?"},)"
      R"( {"from": "gpt", "value": "Red."}]})"
      "\n");
  const TrainConfig config = run.write_config([](auto& json) {
    json["validation"] = {{"mixture", "look.jsonl"}, {"every", 4}, {"answers", 0}};
    json["checkpoints"]["every"] = 4;
    json["steps"] = 5;
  });
  TrainListener listener;
  listener.on_step = [&](const StepMetrics&, int64_t) { std::filesystem::remove(picture); };
  EXPECT_THAT(error_of([&] { train(config, listener); }), HasSubstr("records to validate with"));
  const RunCheckpoints checkpoints(config.output);
  EXPECT_THAT(checkpoints.steps(), testing::ElementsAre(4));
  EXPECT_THAT(refusal_of(config), HasSubstr("none that is sound among the first 1")) << "before another step";

  put_picture();
  EXPECT_EQ(train(config), TrainEnd::kFinished);
  EXPECT_EQ(steps_of(config).size(), 5U);
  const auto validations = validations_of(config);
  ASSERT_EQ(validations.size(), 2U);
  EXPECT_EQ(validations[0].step, 4);
  const RunPosition last = StoredState(checkpoints.path_of(5)).position();
  EXPECT_FALSE(last.validation_due);
  EXPECT_EQ(last.best_step, validations[1].loss < validations[0].loss ? 5 : 4);
}

TEST(Trainer, RefusesAValidationWithoutASoundRecordBeforeTheFirstStep) {
  const TestRun run;
  write_text_file(run.path("blind.jsonl"),
                  R"({"id": "a", "image": "none.png", "conversations": [{"from": "human", "value": "<image>\nWhat?"},)"
                  R"( {"from": "gpt", "value": "Red."}]})"
                  "\n");
  const TrainConfig config =
      run.write_config([](auto& json) { json["validation"] = {{"mixture", "blind.jsonl"}, {"every", 3}}; });
  EXPECT_THAT(refusal_of(config), testing::AllOf(HasSubstr("records to validate with"), HasSubstr("none.png")));
  EXPECT_FALSE(std::filesystem::exists(config.output));
}

TEST(Trainer, SaysOnceWhenAStepHasNoTarget) {
  const TestRun run;
  std::string lines;
  for (int i = 0; i < 8; ++i) {
    const nlohmann::json ask = {{"from", "human"}, {"value", "<image>\nOne?"}};
    const nlohmann::json say = {{"from", "gpt"}, {"value", "Yes."}};
    lines += nlohmann::json{{"image", cat(i, ".png")}, {"conversations", {ask, say}}}.dump() + "\n";
  }
  write_text_file(run.path("same.jsonl"), lines);
  const FusionConfig model = read_fusion_config(run.path("model"));
  const auto tokenizer = load_tokenizer(run.path("model"));
  const SampleReader reader(Mixture::open(run.path("same.jsonl"), {}), *tokenizer, default_template(model.model_type),
                            sample_options(model));
  const SampleLength length = measure(reader.read_words(0), model.num_image_tokens(), 4, model.max_length);
  const auto notes_at = [&](int64_t max_length) {
    std::vector<std::string> notes;
    TrainListener listener;
    listener.on_note = [&notes](const std::string& text) { notes.push_back(text); };
    train(run.write_config([&](auto& json) {
      json["output"] = cat("cut-at-", max_length);
      json["data"]["mixture"] = "same.jsonl";
      json["query_lengths"] = {4};
      json["max_length"] = max_length;
      json["steps"] = 2;
    }),
          listener);
    return std::ranges::count_if(notes, [](const auto& note) { return note.find("no word to learn") != note.npos; });
  };
  EXPECT_EQ(notes_at(length.positions - length.targets), 1);
  EXPECT_EQ(notes_at(length.positions - length.targets + 1), 0);
}

TEST(Trainer, SavingWithAFullDiskLeavesTheCheckpointBefore) {
  const TestRun run;
  const TrainConfig config = run.write_config([](auto&) {});
  train_until(config, 2);
  {
    const FileSizeLimit limit(100'000);
    EXPECT_THAT(refusal_of(config), HasSubstr("the disk is full"));
  }
  EXPECT_THAT(RunCheckpoints(run.output()).steps(), testing::ElementsAre(2));
  EXPECT_EQ(train(config), TrainEnd::kFinished);
}

TEST(Trainer, ActivationCheckpointingChangesNothingButRounding) {
  const TestRun run;
  const auto losses_with = [&](bool recompute) {
    const TrainConfig config = run.write_config([&](auto& json) {
      json["output"] = recompute ? "again" : "kept";
      json["activation_checkpointing"] = recompute;
      json["steps"] = 3;
    });
    train(config);
    return steps_of(config);
  };
  const auto again = losses_with(true);
  const auto kept = losses_with(false);
  for (size_t i = 0; i < kept.size(); ++i) EXPECT_NEAR(again[i].loss, kept[i].loss, 1e-5) << "step " << i + 1;
}

TEST(Trainer, MemorisesQuestionsAboutPictures) {
  const TestRun run;
  const TrainConfig config = run.write_config([](auto& json) {
    json["steps"] = 220;
    json["batch_size"] = 16;
    json["micro_batch_size"] = 16;
    json["query_lengths"] = {16};
    json["optimizer"] = {{"learning_rate", 3e-3}};
    json["checkpoints"]["every"] = 1000;
    json["tensorboard"] = false;
  });
  ASSERT_EQ(train(config), TrainEnd::kFinished);
  EXPECT_LT(steps_of(config).back().loss_ce, 0.02);

  const Assistant assistant(run.output() + "/model", {});
  const auto mixture = Mixture::open(config.data.mixture, {});
  for (int64_t i = 0; i < mixture->size(); ++i) {
    const Record record = mixture->record(i);
    const auto turns = turns_of_sample(record.messages, true);
    Question question{.turns = {turns[0]}};
    question.pictures = {std::make_shared<const Picture>(load_picture(mixture->picture_path(record)))};
    question.query_len = 16;
    question.generation.max_new_tokens = 40;
    EXPECT_EQ(assistant.answer(question).text, turns[1].text) << record.id;
  }
}

}  // namespace
}  // namespace fusion
