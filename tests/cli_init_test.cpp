// `fusion init --vision DIR --llm DIR FOLDER` from outside.

#include "foundation/config/input_file.h"
#include "tests/cli_support.h"

namespace fusion {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const std::string& vision() {
  static const std::string folder = source_path("tests/data/hf/siglip");
  return folder;
}

const std::string& language() {
  static const std::string folder = source_path("tests/data/hf/phi3");
  return folder;
}

/// An assembly with interaction layers that fit the small decoder.
Words assembly(const std::string& folder, const Words& more = {}) {
  Words words{"init", "--vision", vision(), "--llm", language(), folder, "--interaction-layers", "2/0/2"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

TEST(InitAssembly, MakesAModelThatAnswers) {
  const ScratchFolder scratch;
  const std::string folder = scratch / "new";
  EXPECT_THAT(output_of(assembly(folder, {"--dtype", "float32", "--query-len", "4,16"})),
              AllOf(HasSubstr("Wrote " + folder), HasSubstr("480 rows before, 473 now"), HasSubstr("untrained")));
  const nlohmann::json info = json_of({"info", folder, "--json"});
  EXPECT_EQ(info.at("weights").at("bytes"), 4 * info.at("parameters").get<uint64_t>());
  output_of({"ask", cat_picture(), "What is it?", "--model", folder, "--max-tokens", "2", "--detail", "16", "--threads",
             "1", "--quiet"});
}

TEST(InitAssembly, WarnsOfResizedPositions) {
  const ScratchFolder scratch;
  const ProgramResult result = run_fusion(assembly(scratch / "new", {"--image-size", "35"}));
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, AllOf(HasSubstr("fusion: warning: the position embeddings"), HasSubstr("3x3 to 5x5")));
  const ProgramResult quiet = run_fusion(assembly(scratch / "other", {"--image-size", "35", "--quiet"}));
  EXPECT_EQ(quiet.out + quiet.err, "");
}

TEST(InitAssembly, HalfAndMixedFormsAreRefused) {
  expect_usage_error({"init"}, {"PRESET, or --vision and --llm, is required"});
  expect_usage_error({"init", "--vision", vision(), "out"}, {"--llm: expected a checkpoint folder"});
  expect_usage_error({"init", "--llm", language(), "out"}, {"--vision: expected a checkpoint folder"});
  expect_usage_error({"init", "--vision", vision(), "--llm", language()}, {"FOLDER is required"});
  expect_usage_error({"init", "nano", "out", "--vision", vision(), "--llm", language()},
                     {"FOLDER alone", "'nano' and 'out'"});
  expect_usage_error({"init", "nano", "out", "--window", "3"}, {"--window: expected --vision and --llm beside it"});
  expect_usage_error(assembly("out", {"--tokenizer", language()}), {"--tokenizer", "--llm"});
  expect_usage_error(assembly("out", {"--pictures", "mix.yaml"}), {"--pictures", "--vision"});
}

TEST(InitAssembly, ValuesOutOfRangeNameTheirFlag) {
  expect_usage_error(assembly("out", {"--query-len", "4,,16"}), {"--query-len", "4,16,36,64,144"});
  expect_usage_error(assembly("out", {"--query-len", "4,5"}), {"--query-len", "square numbers", "4,5"});
  expect_usage_error(assembly("out", {"--query-len", "99999999999999999999"}), {"--query-len"});
  expect_usage_error(assembly("out", {"--window", "17"}), {"--window: expected a number from 1 to 16"});
  const Words base{"init", "--vision", vision(), "--llm", language(), "out", "--interaction-layers"};
  for (const char* plan : {"10", "1/2/x", "1/0/0", "-1/0/1", "1/0/1/2"}) {
    Words words = base;
    words.push_back(plan);
    expect_usage_error(words, {"--interaction-layers"});
  }
}

TEST(InitAssembly, WhatCannotBeAssembledIsAFailure) {
  const ScratchFolder scratch;
  const std::string out = scratch / "new";
  expect_failure({"init", "--vision", vision(), "--llm", language(), out},
                 {language(), "28 decoder layers", "--interaction-layers 1/0/3"});
  expect_failure({"init", "--vision", "/absent", "--llm", language(), out}, {"/absent", "no such folder"});
  expect_failure({"init", "--vision", language(), "--llm", vision(), out}, {language(), "got phi3"});
  expect_failure(assembly(out, {"--max-length", "9000"}), {"max_length", "8192"});
  EXPECT_EQ(scratch.file_count(), 0u);
}

TEST(InitFromConfigs, AFolderOfConfigsWithATokenizerOfItsOwnData) {
  const ScratchFolder scratch;
  EXPECT_THAT(output_of({"data", "tokenizer", source_path("examples/data/tiny/mixture.yaml"), "--out",
                         scratch / "tokenizer", "--size", "380", "--single-capitals"}),
              HasSubstr("a tokenizer of 380 tokens"));
  const std::string folder = scratch / "new";
  output_of({"init", source_path("examples/nano/model"), folder, "--tokenizer", scratch / "tokenizer", "--quiet"});
  EXPECT_EQ(json_of({"info", folder, "--json"}).at("tokenizer").at("vocabulary"), 380);
  const std::string fitted = scratch / "fitted";
  output_of({"init", source_path("examples/nano/model"), fitted, "--tokenizer", scratch / "tokenizer", "--quiet",
             "--pictures", source_path("examples/data/tiny/mixture.yaml")});
  EXPECT_NE(read_text_file(fitted + "/model.safetensors", 32 << 20),
            read_text_file(folder + "/model.safetensors", 32 << 20));
  expect_failure({"init", source_path("examples/nano/model"), scratch / "blind", "--pictures", scratch / "none.yaml"},
                 {"none.yaml"});
  expect_failure({"data", "tokenizer", source_path("examples/data/tiny/mixture.yaml"), "--out", scratch / "tokenizer",
                  "--size", "100"},
                 {"tokenizer", "at least 298 tokens", "got 100"});
  expect_failure({"init", scratch / "none", scratch / "other"}, {"expected one of", "nano"});
}

}  // namespace
}  // namespace fusion
