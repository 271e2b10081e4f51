// A run that was stopped and goes on computes what an uninterrupted one does, to the bit.

#include <ATen/Parallel.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "foundation/config/input_file.h"
#include "workflows/training/loop/test_training.h"

namespace fusion {
namespace {

/// All that was computed, as text with every digit.
template <class Metrics>
std::vector<std::string> numbers_of(const std::vector<Metrics>& all) {
  std::vector<std::string> lines;
  for (const Metrics& metrics : all) {
    auto fields = write_fields(metrics);
    fields.erase("seconds");
    fields.erase("memory_bytes");
    lines.push_back(fields.dump());
  }
  return lines;
}

/// Of each file below the folder its content.
std::map<std::string, std::string> files_of(const std::string& folder) {
  std::map<std::string, std::string> files;
  if (!std::filesystem::exists(folder)) return files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    files[entry.path().lexically_relative(folder)] = read_text_file(entry.path(), 1 << 26);
  }
  return files;
}

struct Setting {
  const char* name;
  void (*edit)(nlohmann::json& config);
  void (*prepare)(const TestRun& run) = [](const TestRun&) {};
};

void PrintTo(const Setting& setting, std::ostream* out) {
  *out << setting.name;
}

void validate_often(nlohmann::json& config) {
  config["optimizer"]["ema_decay"] = 0.8;
  config["validation"] = {
      {"mixture", "records.jsonl"}, {"every", 2}, {"samples", 6}, {"answers", 1}, {"max_new_tokens", 2}};
}

void tolerate_broken_records(nlohmann::json& config) {
  config["data"]["max_broken_share"] = 0.5;
}

/// Every kind: a missing picture, which four records share, no JSON, no answer, no conversation.
void break_records(const TestRun& run) {
  std::filesystem::remove(run.path("3.png"));
  std::ofstream(run.path("records.jsonl"), std::ios::app)
      << "{\"id\": \"cut sho\n"
      << R"({"id": "silent", "image": "1.png", "conversations": [{"from": "human", "value": "<image>\nWhat?"}]})"
      << "\n"
      << R"({"id": "empty", "image": "2.png", "conversations": []})" << "\n";
}

/// Two of 12, 12 and 8 samples.
void train_two_epochs(nlohmann::json& config) {
  config.erase("steps");
  config["epochs"] = 2;
  config["batch_size"] = 12;
}

class Resume : public testing::TestWithParam<Setting> {};

TEST_P(Resume, GoesOnToTheBitWhereItStopped) {
  at::set_num_threads(1);  // with several, sums may differ in their last bit from run to run
  const TestRun run;
  GetParam().prepare(run);
  const auto config_of = [&run](const char* output) {
    return run.write_config([output](auto& json) {
      json["output"] = output;
      json["checkpoints"]["every"] = 100;  // those of the stops are enough
      json["tensorboard"] = false;
      GetParam().edit(json);
    });
  };
  const TrainConfig whole = config_of("whole");
  EXPECT_EQ(train(whole), TrainEnd::kFinished);
  const TrainConfig parts = config_of("parts");
  train_until(parts, 1);
  train_until(parts, 4);
  EXPECT_EQ(train(parts), TrainEnd::kFinished);

  ASSERT_EQ(steps_of(whole).size(), 6U);
  EXPECT_EQ(numbers_of(steps_of(parts)), numbers_of(steps_of(whole)));
  EXPECT_EQ(validations_of(whole).size(), whole.validation ? 3U : 0U);
  EXPECT_EQ(numbers_of(validations_of(parts)), numbers_of(validations_of(whole)));
  for (const char* folder : {"/model", "/adapter"}) {
    const auto expected = files_of(whole.output + folder);
    const auto got = files_of(parts.output + folder);
    EXPECT_EQ(got.size(), expected.size());
    for (const auto& [name, content] : expected) EXPECT_TRUE(got.contains(name) && got.at(name) == content) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Run, Resume,
    testing::Values(Setting{.name = "Plain", .edit = [](auto&) {}},
                    Setting{.name = "WithoutWorkers", .edit = [](auto& json) { json["data"]["workers"] = 0; }},
                    Setting{.name = "AveragedAndValidated", .edit = validate_often},
                    Setting{.name = "Bfloat16", .edit = [](auto& json) { json["precision"] = "bfloat16"; }},
                    Setting{.name = "Recomputing", .edit = [](auto& json) { json["activation_checkpointing"] = true; }},
                    Setting{.name = "Lora", .edit = add_lora},
                    Setting{.name = "BrokenRecords", .edit = tolerate_broken_records, .prepare = break_records},
                    Setting{.name = "SeveralEpochs", .edit = train_two_epochs}),
    [](const auto& setting) { return std::string(setting.param.name); });

TEST(BrokenRecords, AreLeftOutAndNamedOnce) {
  const TestRun run;
  break_records(run);
  std::vector<std::string> notes;
  TrainListener listener;
  listener.on_note = [&notes](const std::string& text) { notes.push_back(text); };
  train(run.write_config(tolerate_broken_records), listener);
  EXPECT_EQ(std::ranges::count_if(notes, [](const auto& text) { return text.starts_with("left out: "); }), 7);
}

}  // namespace
}  // namespace fusion
