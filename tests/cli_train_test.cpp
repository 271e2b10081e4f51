// fusion train: runs that are killed, stopped, shared among processes and wrong.

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <random>

#include "foundation/config/output_file.h"
#include "foundation/core/text.h"
#include "tests/train_support.h"

namespace fusion {
namespace {

using testing::HasSubstr;

class Train : public TrainTest {};

TEST_F(Train, AKilledRunGoesOnToTheBit) {
  // FUSION_KILLS=20 for the long form.
  const char* const wished = std::getenv("FUSION_KILLS");
  const int kills = wished == nullptr ? 3 : std::atoi(wished);
  const auto edit = [kills](nlohmann::json& json) {
    json["steps"] = 6 * kills;
    json["checkpoints"]["every"] = 1;
  };
  const auto start = std::chrono::steady_clock::now();
  ASSERT_EQ(run_fusion(train(config("whole", edit)), {.timeout = std::chrono::minutes(5)}).exit_code, 0);
  const auto whole = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);

  const std::string killed = config("killed", edit);
  std::mt19937 random(20251122);
  // So short that the run is not done before the last of them.
  std::uniform_int_distribution<int64_t> moment(whole.count() / (2 * kills), whole.count() / kills);
  int done = 0;
  while (done < kills) {
    const auto result = run_fusion(train(killed), {.timeout = std::chrono::milliseconds(moment(random))});
    ASSERT_TRUE(result.killed || result.exit_code == 0) << result.err;
    ASSERT_TRUE(result.killed) << "the run ended before " << kills << " kills";
    ++done;
  }
  RecordProperty("kills", done);
  EXPECT_FALSE(steps_of(output("killed")).empty()) << "no kill came after a step";
  EXPECT_FALSE(std::filesystem::exists(output("killed") + "/model"));
  const auto last = run_fusion(train(killed), {.timeout = std::chrono::minutes(5)});
  ASSERT_EQ(last.exit_code, 0) << last.err;
  EXPECT_EQ(steps_of(output("killed")), steps_of(output("whole")));
}

TEST_F(Train, StopsWithACheckpointWhenAsked) {
  for (const int signal : {SIGTERM, SIGINT}) {
    const std::string name = cat("asked-", signal);
    const std::string path = config(name, [](auto& json) {
      json["steps"] = 400;
      json["checkpoints"]["every"] = 1000;
    });
    const auto result = run_fusion(train(path), {.timeout = std::chrono::minutes(1), .signal_at_message = signal});
    EXPECT_EQ(result.exit_code, 130) << result.err;
    EXPECT_THAT(result.err, HasSubstr("the same command goes on"));
    const size_t steps = steps_of(output(name)).size();
    EXPECT_GE(steps, 1U);
    EXPECT_LT(steps, 400U);
    EXPECT_TRUE(std::filesystem::exists(output(name) + "/checkpoints"));
    EXPECT_FALSE(std::filesystem::exists(output(name) + "/model"));
  }
}

TEST_F(Train, ProcessesTogetherComputeWhatOneDoes) {
  ASSERT_EQ(run_fusion(train(config("one")), {.timeout = std::chrono::minutes(1)}).exit_code, 0);
  const auto expected = steps_of(output("one"));
  ASSERT_EQ(expected.size(), 6U);
  for (const int processes : {2, 4}) {
    const std::string name = cat("by-", processes);
    for (const ProgramResult& result : train_together(config(name), processes)) {
      EXPECT_EQ(result.exit_code, 0) << result.err;
    }
    const auto steps = steps_of(output(name));
    ASSERT_EQ(steps.size(), expected.size());
    for (size_t i = 0; i < steps.size(); ++i) {
      EXPECT_NEAR(steps[i].at("loss"), expected[i].at("loss"), 1e-5) << processes << " processes, step " << i + 1;
      EXPECT_EQ(steps[i].at("tokens"), expected[i].at("tokens"));
      EXPECT_EQ(steps[i].at("samples"), expected[i].at("samples"));
    }
  }
}

TEST_F(Train, AnotherNumberOfProcessesGoesOn) {
  ASSERT_EQ(run_fusion(train(config("one")), {.timeout = std::chrono::minutes(1)}).exit_code, 0);
  const std::string path = config("moved");
  // As if it had been stopped after step 2: two processes, then one.
  for (const ProgramResult& result : train_together(path, 2)) EXPECT_EQ(result.exit_code, 0) << result.err;
  std::filesystem::remove_all(output("moved") + "/checkpoints/step-00000006");
  ASSERT_EQ(run_fusion(train(path), {.timeout = std::chrono::minutes(1)}).exit_code, 0);
  const auto expected = steps_of(output("one"));
  const auto steps = steps_of(output("moved"));
  ASSERT_EQ(steps.size(), expected.size());
  for (size_t i = 0; i < steps.size(); ++i) EXPECT_NEAR(steps[i].at("loss"), expected[i].at("loss"), 1e-5);
}

TEST_F(Train, AProcessThatDiesEndsTheOthers) {
  const std::string path = config("orphans", [](auto& json) { json["steps"] = 100'000; });
  const auto start = std::chrono::steady_clock::now();
  const auto results = train_together(path, 2, {.timeout = std::chrono::seconds(5)});
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
  EXPECT_TRUE(results[1].killed);
  EXPECT_EQ(results[0].exit_code, 1);
  EXPECT_THAT(results[0].err, HasSubstr("fusion: error: "));
  EXPECT_THAT(results[0].err, HasSubstr("another process"));
}

TEST_F(Train, WrongInputIsRefused) {
  expect_usage_error({"train"}, {"config"});
  expect_refused(folder_ / "none.yaml", {"none.yaml"});
  expect_refused(config("key", [](auto& json) { json["learning_rat"] = 1; }), {"learning_rat", "only known keys"});
  expect_refused(config("uneven", [](auto& json) { json["micro_batch_size"] = 3; }), {"batch_size", "a multiple of"});
  expect_refused(
      config("pattern",
             [](auto& json) { json["groups"] = {{{"match", "model.vision_towr.*"}, {"learning_rate", 1e-5}}}; }),
      {"model.vision_towr.*"});
  const std::string mixture = folder_ / "mix.yaml";
  write_text_file(mixture, "datasets:\n  - json_path: " + source_path("examples/data/tiny/words.json") +
                               "\n    sampling_strategy: some:5\n");
  expect_refused(config("strategy", [&](auto& json) { json["data"]["mixture"] = mixture; }), {"some:5", "first:N"});
}

TEST_F(Train, ABatchThatTheProcessesCannotShareIsRefused) {
  const std::string path = config("three", [](auto& json) { json["batch_size"] = 4; });
  for (const ProgramResult& result : train_together(path, 3)) {
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.err, HasSubstr("a multiple of 3"));
  }
}

}  // namespace
}  // namespace fusion
