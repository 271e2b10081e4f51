#include "workflows/training/loop/training_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include "foundation/config/json_file.h"
#include "workflows/training/loop/test_run.h"

namespace fusion {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(TrainingModel, ALaterStageMayHaveLongerSequences) {
  const TestRun run;
  const auto stage = [&run](const char* model, int64_t max_length) {
    return run.write_config([&](auto& json) {
      json["model"] = model;
      json["max_length"] = max_length;
    });
  };
  const TrainConfig first = stage("model", 512);
  TrainingModel shorter = load_training_model(first, torch::kCPU);
  EXPECT_EQ(shorter.model->config().max_length, 512);
  export_model(first, *shorter.model, run.path("first"));
  EXPECT_EQ(read_fusion_config(run.path("first")).max_length, 512);

  const TrainConfig second = stage("first", 1024);
  TrainingModel longer = load_training_model(second, torch::kCPU);
  EXPECT_EQ(longer.model->config().max_length, 1024);
  export_model(second, *longer.model, run.path("second"));
  EXPECT_EQ(read_fusion_config(run.path("second")).max_length, 1024);
  EXPECT_EQ(read_json_file(run.path("second/tokenizer_config.json")).at("model_max_length"), 1024);

  const int64_t positions = longer.model->config().decoder.rope.max_positions;
  EXPECT_THAT(error_of([&] { load_training_model(stage("first", positions + 1), torch::kCPU); }),
              AllOf(HasSubstr(cat("max_length: expected at most ", positions)), HasSubstr(cat("got ", positions + 1)),
                    HasSubstr("max_position_embeddings")));
}

}  // namespace
}  // namespace fusion
