// fusion ask with a plain language model: text only, in the format of conversation that the folder asks for.

#include "tests/cli_support.h"

namespace fusion {
namespace {

Words ask_plain(const std::string& folder, const Words& more = {}) {
  Words words{"ask", "-", "hi", "--model", folder, "--threads", "1", "--max-tokens", "3"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

const std::string kLlama = source_path("tests/data/hf/llama");

int64_t positions(const Words& more) {
  Words words = more;
  words.emplace_back("--json");
  return json_of(ask_plain(kLlama, words))["prompt_positions"].get<int64_t>();
}

TEST(LanguageModel, AnswersInTheFormatNamed) {
  EXPECT_EQ(output_of(ask_plain(kLlama, {"--template", "raw"})), output_of(ask_plain(kLlama, {"--template", "raw"})));
  EXPECT_GT(positions({"--template", "llama_3_chat"}), positions({"--template", "raw"}) + 2);
  EXPECT_GT(positions({"--template", "llama_3_chat", "--system", "Be kind."}),
            positions({"--template", "llama_3_chat"}) + 2);
}

TEST(LanguageModel, FindsTheFormatInTheFolder) {
  const ModelCopy folder(kLlama);
  folder.put("chat_template.jinja", "{{ '<|start_header_id|>' + message['role'] + '<|end_header_id|>' }}<|eot_id|>");
  EXPECT_EQ(output_of(ask_plain(folder.path())), output_of(ask_plain(kLlama, {"--template", "llama_3_chat"})));
  folder.put("chat_template.jinja", "[INST]");
  expect_failure(ask_plain(folder.path()), {"chat_template.jinja", "'[INST]'", "llama_3_chat"});
}

TEST(LanguageModel, WithoutAFormatItSaysHowToChooseOne) {
  expect_failure(ask_plain(kLlama), {"a chat template", "choose a template yourself: chatml, "});
}

TEST(LanguageModel, RowsBehindTheLastTokenAreNoMistake) {
  EXPECT_NE(output_of(ask_plain(source_path("tests/data/hf/phi3"), {"--template", "phi_3_chat"})), "\n");
}

TEST(LanguageModel, WhatOnlyAFusionModelHasIsRefused) {
  expect_failure({"ask", cat_picture(), "hi", "--model", kLlama, "--template", "raw"}, {"picture", "vision tower"});
  expect_failure(ask_plain(kLlama, {"--template", "llama_3"}), {"without latent tokens", "'llama_3'"});
  expect_failure(ask_plain(kLlama, {"--template", "raw", "--system", "Be kind."}), {"'raw' has no place"});
  expect_usage_error(ask_plain(kLlama, {"--template", "chatm"}), {"--template", "did you mean 'chatml'?"});
  expect_usage_error(ask_plain(kLlama, {"--system", ""}), {"--system"});
}

TEST(LanguageModel, FlagsThatSayNothingToItAreWarnedOf) {
  const Words words = ask_plain(kLlama, {"--template", "raw", "--detail", "best", "--image-tokens", "2x2"});
  const ProgramResult result = run_fusion(words);
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.out, output_of(ask_plain(kLlama, {"--template", "raw"})));
  EXPECT_THAT(result.err, testing::StartsWith("fusion: warning: --detail changes nothing: " + kLlama));
  EXPECT_THAT(result.err, testing::HasSubstr("\nfusion: warning: --image-tokens changes nothing"));
  output_of(ask_plain(kLlama, {"--template", "raw", "--detail", "best", "--quiet"}));

  const ProgramResult chat =
      run_fusion({"chat", "--model", kLlama, "--template", "raw", "--threads", "1"}, {.input = "/detail best\n"});
  EXPECT_EQ(chat.exit_code, 1);
  EXPECT_THAT(chat.err, testing::HasSubstr("expected a FUSION checkpoint, to look at pictures"));
}

TEST(LanguageModel, IsDescribed) {
  EXPECT_THAT(output_of({"info", kLlama}), testing::HasSubstr("llama, a plain language model: it answers text only"));
}

}  // namespace
}  // namespace fusion
