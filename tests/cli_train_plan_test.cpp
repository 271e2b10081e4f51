// fusion train --dry-run.

#include "foundation/core/text.h"
#include "tests/cli_support.h"

namespace fusion {
namespace {

using testing::HasSubstr;

Words dry_run(const std::string& config, const Words& more) {
  Words words = {"train", source_path("examples/train/" + config), "--dry-run"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

Words published(const Words& more) {
  Words words = dry_run("stage2-phi3.5-3b.yaml", {"--model", "fusion-phi3.5-3b", "--records", "7000000"});
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

TEST(TrainPlan, TellsWhatAPublishedStageCosts) {
  const auto plan = json_of(published({"--world-size", "32", "--gpu", "h100", "--json"}));
  EXPECT_EQ(plan.at("parameters").at("trained"), 5093034784);
  EXPECT_EQ(plan.at("steps"), 54688);
  EXPECT_EQ(plan.at("micro_batches"), 2);
  EXPECT_TRUE(plan.at("fits"));
  EXPECT_GT(plan.at("flops").at("device_hours"), 300);
  EXPECT_THAT(output_of(published({"--world-size", "32", "--gpu", "a100"})), HasSubstr("device hours"));
}

TEST(TrainPlan, TakesMemoryAndSpeedAsNumbers) {
  const auto plan =
      json_of(published({"--device-memory", "300GB", "--device-flops", "1e15", "--utilisation", "0.5", "--json"}));
  EXPECT_EQ(plan.at("bytes").at("device"), 300'000'000'000);
  const double flops = plan.at("flops").at("run");
  EXPECT_NEAR(plan.at("flops").at("hours"), flops / 0.5e15 / 3600, 1e-3);
}

TEST(TrainPlan, ThisMachineHasNoMoreMemoryThanTheProgramMayTake) {
  constexpr uint64_t kLimit = uint64_t{3} << 30;
  const ProgramResult result = run_fusion(published({"--json"}), {.memory_bytes = kLimit});
  EXPECT_EQ(result.exit_code, 1) << result.err;
  EXPECT_LE(nlohmann::json::parse(result.out).at("bytes").at("device"), kLimit);
}

TEST(TrainPlan, EndsWithAnErrorWhereTheRunCannotFit) {
  const ProgramResult result = run_fusion(published({"--gpu", "rtx4090"}));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, HasSubstr("Memory of each process"));
  for (const char* part : {"at most 24.0 GB", "weights ", "optimizer ", "micro_batch_size 1: "}) {
    EXPECT_THAT(result.err, HasSubstr(part));
  }
}

TEST(TrainPlan, RefusesWhatTrainingWouldRefuse) {
  expect_failure(published({"--world-size", "3"}), {"batch_size", "a multiple of 6"});
  expect_failure(dry_run("stage2-phi3.5-3b.yaml", {"--model", "fusion-phi-3b"}), {"did you mean fusion-phi3.5-3b?"});
}

TEST(TrainPlan, RefusesFlagsThatMakeNoSense) {
  expect_usage_error(published({"--world-size", "0"}), {"--world-size", "a whole number from 1"});
  expect_usage_error(published({"--gpu", "h10"}), {"--gpu", "h100"});
  expect_usage_error(published({"--device-memory", "24XB"}), {"--device-memory", "unit not recognized"});
  for (const char* memory : {"-1", "GB"}) {
    expect_usage_error(published({cat("--device-memory=", memory)}), {"--device-memory", "bytes, such as 24GB"});
  }
  expect_usage_error(published({"--device-memory", "0GB"}), {"--device-memory", "from 1 to", "got 0"});
  for (const char* speed : {"0", "nan"}) {
    expect_usage_error(published({cat("--device-flops=", speed)}), {"--device-flops", "a number from 1 to"});
  }
  for (const char* share : {"40", "nan"}) {
    expect_usage_error(published({cat("--utilisation=", share)}), {"--utilisation", "a number from 0.001 to 1"});
  }
  expect_usage_error(published({"--mean-length=-5"}), {"--mean-length", "a whole number from 1"});
  expect_usage_error({"train", source_path("examples/train/nano-cpu.yaml"), "--world-size", "2"}, {"--dry-run"});
}

}  // namespace
}  // namespace fusion
