// fusion ask, info and init where all is well.

#include <csignal>

#include "foundation/config/input_file.h"
#include "tests/cli_support.h"

namespace fusion {
namespace {

using testing::HasSubstr;

class Ask : public ModelTest {};

std::vector<std::string> keys_of(const nlohmann::json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  return keys;
}

TEST_F(Ask, GreedyAnswersRepeat) {
  const std::string answer = output_of(ask("What is the cat looking at?"));
  EXPECT_GT(answer.size(), 1u);
  EXPECT_EQ(answer.back(), '\n');
  EXPECT_EQ(output_of(ask("What is the cat looking at?")), answer);
  EXPECT_EQ(output_of(ask("What is the cat looking at?", {"--seed", "9"})), answer);
}

TEST_F(Ask, JsonSaysWhatWasAskedAndAnswered) {
  const nlohmann::json answer = json_of(ask("What is it?", {"--json"}));
  EXPECT_THAT(keys_of(answer),
              testing::UnorderedElementsAre("picture", "question", "answer", "stop", "latent_tokens",
                                            "prompt_positions", "new_tokens", "encoded_tiles", "seconds"));
  EXPECT_THAT(keys_of(answer["seconds"]), testing::UnorderedElementsAre("picture", "first_token", "total"));
  EXPECT_EQ(answer["picture"], cat_picture());
  EXPECT_EQ(answer["question"], "What is it?");
  EXPECT_EQ(answer["answer"].get<std::string>() + "\n", output_of(ask("What is it?")));
  EXPECT_EQ(answer["stop"], "length");
  EXPECT_EQ(answer["latent_tokens"], 4);
  EXPECT_EQ(answer["new_tokens"], 4);
  EXPECT_GT(answer["seconds"]["total"].get<double>(), 0);
}

TEST_F(Ask, PromptGrowsWithTheQuestionAndTheDetail) {
  // The stand-in tokenizer makes a token of every byte; the picture is 64 tokens.
  const auto positions = [](const std::string& question, const Words& more) {
    Words words{"--json"};
    words.insert(words.end(), more.begin(), more.end());
    return json_of(ask(question, words))["prompt_positions"].get<int64_t>();
  };
  const int64_t shorter = positions("What is it?", {});
  EXPECT_GT(shorter, 64 + 4 + 11);
  EXPECT_EQ(positions("What is it now?", {}), shorter + 4);
  EXPECT_EQ(positions("What is it?", {"--detail", "fast"}), shorter + 16 - 4);
}

TEST_F(Ask, DrawnAnswersRepeatWithTheirSeed) {
  const auto answer = [](const char* seed) {
    return output_of(ask("What is it?", {"--temperature", "1", "--top-k", "0", "--max-tokens", "24", "--seed", seed}));
  };
  EXPECT_EQ(answer("3"), answer("3"));
  EXPECT_NE(answer("3"), answer("4"));
}

TEST_F(Ask, WithoutAPicture) {
  const nlohmann::json answer = json_of(ask_about("-", "What is a cat?", {"--json"}));
  EXPECT_TRUE(answer["picture"].is_null());
  EXPECT_EQ(answer["new_tokens"], 4);
  EXPECT_LT(answer["prompt_positions"], 64);
}

TEST_F(Ask, AQuestionLongerThanTheContextIsRefused) {
  expect_failure(ask(std::string(5'000, 'a')), {"at most 1024 positions", "shorten it"});
  expect_failure(ask_about("-", std::string(5'000, 'a')), {"at most 1024 positions", "shorten it"});
}

TEST_F(Ask, DetailThatIsNoSquareIsRefused) {
  expect_usage_error(ask("What is it?", {"--detail", "5"}), {"--detail", "a square number", "got 5"});
  expect_usage_error(ask("What is it?", {"--detail", "closely"}), {"--detail", "fast, balanced, best", "got closely"});
  expect_usage_error(ask("What is it?", {"--detail", ""}), {"--detail", "got an empty text"});
}

TEST_F(Ask, AReaderThatGoesAwayEndsTheProgram) {
  const ProgramResult result = run_fusion(ask("What is it?", {"--max-tokens", "800"}), {.stdout_bytes = 1});
  EXPECT_FALSE(result.killed);
  EXPECT_EQ(result.signal, SIGPIPE);  // as any filter in a shell
  EXPECT_EQ(result.err, "");
}

TEST_F(Ask, AnAnswerThatCannotBeWrittenIsAFailure) {
  const ProgramResult result = run_fusion(ask("What is it?"), {.stdout_path = "/dev/full"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, testing::StartsWith("fusion: error: standard output: "));
}

TEST_F(Ask, HalfPrecisionAnswersToo) {
  for (const char* dtype : {"bfloat16", "float16"}) {
    EXPECT_EQ(json_of(ask("What is it?", {"--json", "--dtype", dtype}))["new_tokens"], 4) << dtype;
  }
}

TEST_F(Ask, InfoDescribesModelAndPreset) {
  EXPECT_THAT(output_of({"info", model()}), testing::AllOf(HasSubstr("fusion_phi"), HasSubstr("272 tokens")));
  const nlohmann::json made = json_of({"info", model(), "--json"});
  const nlohmann::json preset = json_of({"info", "nano", "--json"});
  EXPECT_EQ(made["parameters"], preset["parameters"]);
  EXPECT_EQ(made["tensors"], preset["tensors"]);
  EXPECT_FALSE(made["weights"].is_null());
  EXPECT_TRUE(preset["weights"].is_null());
}

TEST(Init, MakesTheSameModelFromTheSameSeed) {
  const ScratchFolder folder;
  const auto weights = [&](const char* name, const char* seed) {
    output_of({"init", "nano", folder / name, "--seed", seed, "--quiet"});
    return read_text_file(folder / name + "/model.safetensors", 1 << 24);
  };
  const std::string first = weights("first", "7");
  EXPECT_TRUE(weights("again", "7") == first);
  EXPECT_FALSE(weights("other", "8") == first);
}

TEST_F(Ask, InitRefusesUnknownPresetsAndFoldersInUse) {
  const ScratchFolder folder;
  expect_failure({"init", "nan", folder / "x"}, {"expected one of", "'nan'", "did you mean nano?"});
  expect_failure({"init", "nano", model()}, {model(), "--force"});
  expect_failure({"init", "nano", folder.put("file", "x") + "/x"}, {folder / "file"});
}

}  // namespace
}  // namespace fusion
