// Command lines that are wrong, and what the program says about itself.

#include <csignal>
#include <cstdlib>

#include "tests/cli_support.h"

namespace fusion {
namespace {

using testing::HasSubstr;

/// An `ask` that never gets as far as its model.
Words ask_with(const Words& more) {
  Words words{"ask", cat_picture(), "What is it?", "--model", "models/none"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

bool has_gpu() {
  return std::system("nvidia-smi >/dev/null 2>&1") == 0;
}

TEST(CommandLine, UnknownFlagsAndCommandsAreRefusedWithASuggestion) {
  expect_usage_error(ask_with({"--temperatur", "1"}), {"unknown flag --temperatur", "did you mean --temperature?"});
  expect_usage_error(ask_with({"--device=cpu", "--teperature=0.5"}), {"did you mean --temperature?", "ask --help"});
  expect_usage_error({"ask", cat_picture(), "--modle", "models/none"}, {"did you mean --model?"});
  expect_usage_error({"aks", cat_picture()}, {"unknown command aks", "did you mean ask?"});
  expect_usage_error({"frobnicate"}, {"unknown command frobnicate", "`fusion --help`"});
}

TEST(CommandLine, MissingAndSurplusArgumentsAreNamed) {
  expect_usage_error({}, {"a command is required"});
  expect_usage_error({"ask"}, {"expected a picture and a question, got neither"});
  expect_usage_error({"ask", "--model", "m"}, {"expected a picture and a question, got neither"});
  expect_usage_error({"ask", cat_picture(), "--model", "m"}, {"expected a picture and a question, got one of them"});
  expect_usage_error({"ask", "-Q", "What?", "--model", "m"}, {"expected a picture and a question, got one of them"});
  expect_usage_error({"ask", "--jsonl", "q.jsonl", "-Q", "What?", "--model", "m"}, {"--jsonl"});
  expect_usage_error(ask_with({"--batch", "2"}), {"--batch", "--jsonl"});
  expect_failure({"ask", cat_picture(), "What is it?", "--model", "nanno"}, {"nanno", "did you mean nano?"});
  expect_usage_error(ask_with({"--detail"}), {"--detail"});
  expect_failure(ask_with({"What else?"}), {"a question of several words stands in quotes"});
  expect_usage_error({"verify"}, {"case is required"});
  expect_usage_error({"init", "nano"}, {"FOLDER is required"});
  expect_usage_error({"info"}, {"MODEL is required"});
}

TEST(CommandLine, ValuesOutOfRangeNameTheirFlag) {
  expect_usage_error(ask_with({"--top-p", "7"}), {"--top-p: expected a number from 0 to 1, got 7"});
  expect_usage_error(ask_with({"--top-k", "-3"}), {"--top-k", "got -3"});
  expect_usage_error(ask_with({"--temperature", "-1"}), {"--temperature", "got -1"});
  expect_usage_error(ask_with({"--temperature", "nan"}), {"--temperature", "got nan"});
  expect_usage_error(ask_with({"--temperature", "warm"}), {"--temperature", "warm"});
  expect_usage_error(ask_with({"--max-tokens", "0"}), {"--max-tokens", "1 to 1048576"});
  expect_usage_error(ask_with({"--max-tokens", "99999999999999999999"}), {"--max-tokens"});
  expect_usage_error(ask_with({"--seed", "-1"}), {"--seed"});
  expect_usage_error(ask_with({"--threads", "-1"}), {"--threads"});
  expect_usage_error(ask_with({"--dtype", "int3"}), {"--dtype", "bfloat16"});
  expect_usage_error(ask_with({"--device", "gpu0"}), {"--device: expected auto, cpu, cuda or cuda:N, got gpu0"});
  expect_usage_error(ask_with({"--device", "cuda:one"}), {"--device", "got cuda:one"});
}

TEST(CommandLine, AnEmptyQuestionIsRefused) {
  for (const char* question : {"", " ", "\t\n"}) {
    expect_usage_error({"ask", cat_picture(), question, "--model", "models/none"}, {"question: expected some words"});
    expect_usage_error({"ask", "-", question, "--model", "models/none"}, {"question: expected some words"});
  }
}

TEST(CommandLine, AMessageIsOneLineWhateverANameHolds) {
  expect_failure({"ask", "no\nsuch\x1b[31m.jpg", "What is it?", "--model", "models/none"}, {"got no such file"});
  expect_usage_error(ask_with({"--no\nsuch"}), {"unknown flag --no?such"});
}

TEST(CommandLine, AGpuThatIsNotThereIsAnError) {
  if (has_gpu()) GTEST_SKIP() << "this machine has a GPU";
  expect_failure(ask_with({"--device", "cuda"}), {"--device cuda", "no usable GPU", "use --device cpu"});
  expect_failure(ask_with({"--device", "cuda:1"}), {"--device cuda:1", "no usable GPU"});
}

TEST(CommandLine, HelpOfEveryCommandHasAnExample) {
  EXPECT_THAT(output_of({"--help"}), HasSubstr("Example:"));
  for (const std::string command :
       {"ask", "bench", "chat", "completion", "data", "eval", "info", "init", "mir", "synth", "train", "verify"}) {
    EXPECT_THAT(output_of({command, "--help"}),
                testing::ContainsRegex("Examples?:[[:space:]]+fusion " + command + " "));
  }
}

TEST(CommandLine, VersionIsOneLine) {
  EXPECT_THAT(output_of({"--version"}), testing::MatchesRegex("fusion [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

TEST(Program, IsKilledWhenItTakesTooLong) {
  const ProgramResult result = run_fusion({"--version"}, {.timeout = std::chrono::seconds(0)});
  EXPECT_TRUE(result.killed);
  EXPECT_EQ(result.signal, SIGKILL);
  EXPECT_EQ(result.exit_code, -1);
}

TEST(CommandLine, OutputThatIsLostIsAFailure) {
  for (const char* path : {"/dev/full", ""}) {
    const ProgramResult result = run_fusion({"info", "nano"}, {.stdout_path = path});
    EXPECT_EQ(result.exit_code, 1) << path;
    EXPECT_THAT(result.err, testing::StartsWith("fusion: error: standard output: ")) << path;
  }
}

}  // namespace
}  // namespace fusion
