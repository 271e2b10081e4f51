// fusion train: data, configs, checkpoints and disks that are not what they should be.

#include <filesystem>
#include <fstream>

#include "foundation/core/text.h"
#include "tests/train_support.h"

namespace fusion {
namespace {

using testing::HasSubstr;

size_t times_in(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t place = 0; (place = text.find(part, place)) != std::string::npos; place += part.size()) ++count;
  return count;
}

class TrainInput : public TrainTest {
 protected:
  /// Twelve records of a question and an answer each; a picture that is nowhere where `pictures` says so.
  std::string write_records(const std::string& name, bool pictures, const std::string& last_line = "") const {
    std::string lines;
    for (int i = 0; i < 12; ++i) {
      nlohmann::json record = {{"id", cat("record-", i)},
                               {"conversations",
                                {{{"from", "human"}, {"value", cat("What is ", i, " and one?")}},
                                 {{"from", "gpt"}, {"value", cat("It is ", i + 1)}}}}};
      if (pictures) {
        record["image"] = cat("none-", i, ".png");
        record["conversations"][0]["value"] = "<image>\nWhat is this?";
      }
      lines += record.dump() + "\n";
    }
    return folder_.put(name, lines + last_line);
  }

  /// Trains on those records, two steps an epoch at most.
  std::string config_for(const std::string& output, const std::string& records,
                         const std::function<void(nlohmann::json&)>& edit = {}) const {
    return config(output, [&](auto& json) {
      json["data"]["mixture"] = records;
      json["batch_size"] = 8;
      json["micro_batch_size"] = 4;
      if (edit) edit(json);
    });
  }
};

TEST_F(TrainInput, ARecordThatIsCutShortEndsTheRunWhereNoneMayBeBroken) {
  const std::string records =
      write_records("cut.jsonl", /*pictures=*/false, R"({"id": "cut", "conversations": [{"fro)");
  expect_refused(config_for("strict", records, [](auto& json) { json["data"]["max_broken_share"] = 0; }),
                 {"training data", "at most 0 % broken records", records + ":13", "`fusion data check`"});
}

TEST_F(TrainInput, ARecordThatIsCutShortIsLeftOutAndNamedOnce) {
  const std::string records =
      write_records("cut.jsonl", /*pictures=*/false, R"({"id": "cut", "conversations": [{"fro)");
  const ProgramResult result = run_fusion(train(config_for("lenient", records)), in_minutes(1));
  EXPECT_EQ(result.exit_code, 0) << result.err;
  // Six steps of eight are three epochs and more.
  EXPECT_EQ(times_in(result.err, "left out: " + records + ":13"), 1U) << result.err;
  EXPECT_EQ(times_in(result.err, "left out: "), 1U) << result.err;
  EXPECT_EQ(steps_of(output("lenient")).size(), 6U);
}

TEST_F(TrainInput, MissingPicturesBeyondTheShareEndTheRun) {
  const std::string records = write_records("blind.jsonl", /*pictures=*/true);
  expect_refused(config_for("blind", records), {"training data", "at most 1 % broken records", "none-", ".png"});
  EXPECT_FALSE(std::filesystem::exists(output("blind") + "/model"));
}

TEST_F(TrainInput, ARunGoesOnOnlyWithTheArchitectureItBeganWith) {
  const auto edit = [](nlohmann::json& json) { json["steps"] = 2; };
  ASSERT_EQ(run_fusion(train(config("run", edit)), in_minutes(1)).exit_code, 0);
  // The same without its last layer.
  const ModelCopy shallower(model());
  shallower.edit_json("config.json", [](nlohmann::json& json) {
    EXPECT_EQ(json.at("num_hidden_layers"), 6);
    json["num_hidden_layers"] = 5;
  });
  edit_tensors(shallower.path(), [](std::vector<TensorSource>& tensors) {
    std::erase_if(tensors, [](const TensorSource& tensor) { return tensor.name.starts_with("model.layers.5."); });
  });
  expect_refused(config("run",
                        [&](auto& json) {
                          edit(json);
                          json["model"] = shallower.path();
                        }),
                 {"step-00000002", "another architecture", "model.layers.5.", "name another output"});
}

TEST_F(TrainInput, WhatTheConfigMeansButDoesNotNameIsRefused) {
  expect_refused(
      config("adapters",
             [](auto& json) { json["lora"] = {{"rank", 4}, {"alpha", 8}, {"targets", {"model.layers.*.qkv_porj"}}}; }),
      {"model.layers.*.qkv_porj", "qkv_proj"});
  expect_refused(config("keys", [](auto& json) { json["checkpoints"]["evry"] = 2; }),
                 {"keys.yaml", "evry", "did you mean", "every"});
  EXPECT_FALSE(std::filesystem::exists(output("adapters")));
  EXPECT_FALSE(std::filesystem::exists(output("keys")));
}

TEST_F(TrainInput, AProcessThatCannotWriteItsPartOfACheckpointEndsAllAndLeavesTheOneBefore) {
  const std::string path = config("full");
  for (const ProgramResult& result : train_together(path, 2)) ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto whole = steps_of(output("full"));
  // As if it had been stopped after step 4.
  std::filesystem::remove_all(output("full") + "/checkpoints/step-00000006");

  const auto start = std::chrono::steady_clock::now();
  ProgramOptions limited = in_minutes(1);
  limited.file_bytes = 100'000;
  const auto results = train_together(path, 2, limited);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
  for (const ProgramResult& result : results) {
    EXPECT_EQ(result.exit_code, 1) << result.err;
    EXPECT_EQ(times_in(result.err, "fusion: error: "), 1U) << result.err;
  }
  EXPECT_THAT(results[1].err, HasSubstr("the disk is full"));
  EXPECT_FALSE(std::filesystem::exists(output("full") + "/checkpoints/step-00000006"));

  for (const ProgramResult& result : train_together(path, 2)) EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(steps_of(output("full")), whole);
}

}  // namespace
}  // namespace fusion
