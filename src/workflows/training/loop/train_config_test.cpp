#include "workflows/training/loop/train_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "foundation/config/output_file.h"
#include "foundation/config/test_support.h"

namespace fusion {
namespace {

using testing::HasSubstr;

constexpr const char* kSmall = R"(
model: start
output: runs/one
batch_size: 8
micro_batch_size: 2
data:
  mixture: mix.yaml
optimizer:
  learning_rate: 2e-5
)";

class TrainConfigTest : public testing::Test {
 protected:
  TrainConfig read(const std::string& text) {
    write_text_file(path(), text);
    return read_train_config(path());
  }
  std::string refusal(const std::string& text) {
    return error_of([&] { read(text); });
  }
  std::string path() const { return folder_ / "run.yaml"; }

  ScratchFolder folder_;
};

TEST_F(TrainConfigTest, LeavesWhatIsNotSaidAtItsDefault) {
  const TrainConfig config = read(kSmall);
  EXPECT_EQ(config.model, folder_ / "start");
  EXPECT_EQ(config.output, folder_ / "runs/one");
  EXPECT_EQ(config.data.mixture, folder_ / "mix.yaml");
  EXPECT_EQ(config.optimizer.learning_rate, 2e-5);
  EXPECT_EQ(config.optimizer.clip_norm, 1.0);
  EXPECT_EQ(config.schedule.kind, "cosine");
  EXPECT_FALSE(config.validation);
  EXPECT_TRUE(config.groups.empty());
}

TEST_F(TrainConfigTest, WritesWhatItReads) {
  const TrainConfig config = read(std::string(kSmall) + R"(
groups:
  - match: "model.vision_tower.*"
    learning_rate: 2e-6
  - match: "*layernorm*"
    frozen: true
validation:
  mixture: val.jsonl
  every: 10
)");
  const nlohmann::json written = write_train_config(config);
  const TrainConfig again = parse_train_config(written, path());
  EXPECT_EQ(nlohmann::json(write_train_config(again)), written);
  EXPECT_TRUE(differences_that_matter(config, again).empty());
  ASSERT_EQ(again.groups.size(), 2U);
  EXPECT_EQ(again.groups[0].lr, 2e-6);
  EXPECT_TRUE(again.groups[1].frozen);
}

TEST_F(TrainConfigTest, RefusesWhatItDoesNotKnow) {
  EXPECT_THAT(refusal(std::string(kSmall) + "batchsize: 3\n"), HasSubstr("did you mean 'batch_size'"));
  EXPECT_THAT(refusal(std::string(kSmall) + "schedule: {kind: cosin}\n"), HasSubstr("did you mean cosine?"));
  EXPECT_THAT(refusal(std::string(kSmall) + "checkpoints: {each: 5}\n"), HasSubstr("checkpoints.each"));
  EXPECT_THAT(refusal(std::string(kSmall) + "groups: [{pattern: x}]\n"), HasSubstr("groups.0"));
  EXPECT_THAT(refusal(std::string(kSmall) + "groups: {match: x}\n"), HasSubstr("a list of groups"));
  EXPECT_THAT(refusal("model: start\n"), HasSubstr("'output'"));
}

TEST_F(TrainConfigTest, RefusesValuesThatMakeNoSense) {
  EXPECT_THAT(refusal(std::string(kSmall) + "query_lengths: [4, 5]\n"), HasSubstr("square numbers"));
  EXPECT_THAT(refusal(std::string(kSmall) + "steps: 0\n"), HasSubstr("'steps'"));
  EXPECT_THAT(refusal(std::string(kSmall) + "epochs: -1\n"), HasSubstr("'epochs'"));
  EXPECT_THAT(refusal(std::string(kSmall) + "precision: float8\n"), HasSubstr("float32, bfloat16"));
  EXPECT_THAT(refusal(std::string(kSmall) + "max_length: 1e3\n"), HasSubstr("max_length"));
  std::string uneven = kSmall;
  uneven.replace(uneven.find("micro_batch_size: 2"), 19, "micro_batch_size: 3");
  EXPECT_THAT(refusal(uneven), HasSubstr("a multiple of micro_batch_size, 3"));
  std::string text_rate = kSmall;
  text_rate.replace(text_rate.find("2e-5"), 4, "\"2e-5\"");
  EXPECT_THAT(refusal(text_rate), HasSubstr("optimizer.learning_rate"));
}

TEST_F(TrainConfigTest, ReadsAdapters) {
  const std::string lora =
      std::string(kSmall) + "lora: {rank: 8, alpha: 16, targets: ['model.layers.*'], also_train: [x]}\n";
  const TrainConfig config = read(lora);
  ASSERT_TRUE(config.lora);
  EXPECT_EQ(config.lora->adapter().scale(), 2);
  const TrainConfig again = parse_train_config(nlohmann::json(write_train_config(config)), path());
  EXPECT_TRUE(differences_that_matter(config, again).empty());
  TrainConfig other = config;
  other.lora->rank = 4;
  EXPECT_THAT(differences_that_matter(config, other), testing::ElementsAre("lora.rank: 8 and 4"));
  other.lora.reset();
  EXPECT_THAT(differences_that_matter(config, other), testing::ElementsAre("lora: some and none"));
  EXPECT_THAT(refusal(std::string(kSmall) + "lora: {rank: 8, alpha: 16, target: ['*']}\n"), HasSubstr("lora.targets"));
  EXPECT_THAT(refusal(std::string(kSmall) + "lora: {rank: 0, alpha: 16, targets: ['*']}\n"), HasSubstr("rank"));
  EXPECT_THAT(refusal(std::string(kSmall) + "lora: {rank: 8, alpha: 16, targets: []}\n"),
              HasSubstr("at least one pattern"));
}

TEST_F(TrainConfigTest, KnowsWhichChangesMatter) {
  const TrainConfig config = read(kSmall);
  TrainConfig other = config;
  other.output = "elsewhere";
  other.data.workers = 7;
  other.checkpoints.every = 3;
  EXPECT_TRUE(differences_that_matter(config, other).empty());
  other.seed = 1;
  other.optimizer.learning_rate = 1e-4;
  other.groups = {{.match = "*"}};
  EXPECT_THAT(differences_that_matter(config, other),
              testing::ElementsAre("seed: 0 and 1", "optimizer.learning_rate: 2e-05 and 0.0001", "groups"));
}

}  // namespace
}  // namespace fusion
