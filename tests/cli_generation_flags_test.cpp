// The flags that fusion ask and fusion chat share.

#include "tests/cli_support.h"

namespace fusion {
namespace {

class GenerationFlags : public ModelTest {
 protected:
  static nlohmann::json answer(const Words& more) {
    Words words{"--json"};
    words.insert(words.end(), more.begin(), more.end());
    return json_of(ask("What is it?", words));
  }
  static int64_t positions(const Words& more) { return answer(more)["prompt_positions"]; }
};

TEST_F(GenerationFlags, ImageTokensResizeThePicture) {
  const int64_t usual = positions({});  // 8x8
  EXPECT_EQ(positions({"--image-tokens", "4x3"}), usual - 64 + 12);
  EXPECT_EQ(positions({"--image-tokens", "4×3"}), usual - 64 + 12);
  for (const char* text : {"4", "4x", "x4", "0x3", "65x1", "4x3x2", "-1x3", "4 x 3", "99999999999999999999x1"}) {
    expect_usage_error(ask("What is it?", {"--image-tokens", text}), {"--image-tokens: expected ROWSxCOLUMNS"});
  }
}

TEST_F(GenerationFlags, AStopTextEndsTheAnswerBeforeIt) {
  const std::string whole = answer({"--max-tokens", "12"})["answer"];
  const nlohmann::json none = answer({"--max-tokens", "12", "--stop", "not in there", "--stop", whole.substr(0, 3)});
  EXPECT_EQ(none["answer"], "");
  EXPECT_EQ(none["stop"], "stop");
}

TEST_F(GenerationFlags, ContextBoundsPromptAndAnswer) {
  const std::string limit = std::to_string(positions({}) + 2);
  const nlohmann::json bounded = answer({"--max-tokens", "12", "--context", limit.c_str()});
  EXPECT_EQ(bounded["new_tokens"], 2);
  EXPECT_EQ(bounded["stop"], "length");
  expect_failure(ask("What is it?", {"--context", "20"}), {"at most 19 positions"});
}

TEST_F(GenerationFlags, ARepetitionPenaltyChangesTheAnswer) {
  EXPECT_NE(answer({"--max-tokens", "12", "--repetition-penalty", "100"})["answer"],
            answer({"--max-tokens", "12"})["answer"]);
}

TEST_F(GenerationFlags, NoPictureCacheIsTheSameAnswer) {
  EXPECT_EQ(answer({"--picture-cache", "0"})["answer"], answer({})["answer"]);
}

TEST_F(GenerationFlags, AnAdapterThatIsNotThereIsAnError) {
  expect_failure(ask("What is it?", {"--adapter", "/nowhere"}), {"/nowhere/adapter_config.json"});
}

TEST_F(GenerationFlags, ValuesOutOfRangeAreRefused) {
  expect_usage_error(ask("a", {"--repetition-penalty", "0"}), {"--repetition-penalty: expected a number from 0.01"});
  expect_usage_error(ask("a", {"--min-p", "x"}), {"--min-p: expected a number, got x"});
  expect_usage_error(ask("a", {"--context", "-1"}), {"--context: expected a whole number from 0"});
  expect_usage_error(ask("a", {"--picture-cache", "-1"}), {"--picture-cache: expected a whole number from 0"});
  expect_usage_error(ask("a", {"--stop", ""}), {"--stop: expected some text, got an empty text"});
  expect_usage_error(ask("a", {"--dtype", "int3"}),
                     {"--dtype: expected one of auto, float32, bfloat16, float16, int8, got int3"});
}

}  // namespace
}  // namespace fusion
