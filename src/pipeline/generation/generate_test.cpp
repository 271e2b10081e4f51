#include "pipeline/generation/generate.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <string>
#include <vector>

#include "foundation/checkpoint/safetensors.h"
#include "foundation/core/error.h"
#include "foundation/nn/tensor_io.h"
#include "pipeline/model/load_model.h"

namespace fusion {
namespace {

const std::string kFolder = FUSION_SOURCE_DIR "/parity/goldens/a_phi3_siglip_q4";

class Generate : public testing::Test {
 protected:
  Generate() : model_(load_fusion_model(kFolder, {})) {
    const auto file = SafetensorsFile::open(kFolder + "/case.safetensors");
    const auto tensor = [&](const char* name) { return tensor_of(file, file->at(name)); };
    prompt_.input_ids = tensor("gen.input_ids");
    prompt_.attention_mask = torch::ones_like(prompt_.input_ids, torch::kBool);
    prompt_.labels = inference_labels(prompt_.attention_mask);
    prompt_.pixels = tensor("in.images");
    prompt_.instruct_ids = tensor("in.instructs");
    prompt_.query_len = 4;
  }

  FusionModel model_;
  PreparedInput prompt_;
};

TEST_F(Generate, StopsAtTheLimitAtAStopTokenAndWhenTold) {
  const auto free = generate(model_, prompt_, {.max_new_tokens = 5});
  ASSERT_EQ(free.ids.size(), 5u);
  EXPECT_EQ(free.stop_reason, StopReason::kTokenLimit);

  const auto stopped = generate(model_, prompt_, {.max_new_tokens = 5, .stop_token_ids = {free.ids[2]}});
  EXPECT_EQ(stopped.stop_reason, StopReason::kEndToken);
  EXPECT_EQ(stopped.ids.back(), free.ids[2]);
  EXPECT_LE(stopped.ids.size(), 3u);

  size_t heard = 0;
  const auto cancelled =
      generate(model_, prompt_, {.max_new_tokens = 5}, {.on_token = [&](int64_t) { return ++heard < 2; }});
  EXPECT_EQ(cancelled.stop_reason, StopReason::kCancelled);
  EXPECT_EQ(cancelled.ids.size(), 2u);
}

TEST_F(Generate, ReportsItsStagesInOrder) {
  std::vector<GenerationStage> stages;
  generate(model_, prompt_, {.max_new_tokens = 1},
           {.on_stage = [&](GenerationStage stage) { stages.push_back(stage); }});
  EXPECT_EQ(stages, (std::vector{GenerationStage::kLooking, GenerationStage::kReading, GenerationStage::kAnswering}));
}

TEST_F(Generate, RefusesSeveralPromptsAndOnesTooLong) {
  PreparedInput two = prompt_;
  two.input_ids = two.input_ids.expand({2, -1});
  EXPECT_THROW(generate(model_, two, {}), Error);
  PreparedInput overlong = prompt_;
  overlong.input_ids = torch::cat({prompt_.input_ids, torch::ones({1, 600}, torch::kInt64)}, 1);
  overlong.attention_mask = torch::ones_like(overlong.input_ids, torch::kBool);
  EXPECT_THROW(generate(model_, overlong, {}), Error);
}

}  // namespace
}  // namespace fusion
