#include "workflows/assembly/summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "foundation/config/test_support.h"
#include "workflows/assembly/init_checkpoint.h"
#include "workflows/assembly/summary_report.h"

namespace fusion {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

uint64_t parameters_of(const ModelSummary& model, const std::string& block) {
  for (const BlockSummary& each : model.blocks) {
    if (each.name == block) return each.parameters;
  }
  ADD_FAILURE() << "no block " << block;
  return 0;
}

struct Numbers {
  const char* preset;
  size_t tensors;
  double all, llm, tower, mm, aux, interaction;  // in units of 10^9 and, for projectors, 10^6
};

class SummaryNumbers : public testing::TestWithParam<Numbers> {};

TEST_P(SummaryNumbers, EqualThePublishedModels) {
  const Numbers& expected = GetParam();
  const ModelSummary model = summarise(expected.preset);
  EXPECT_EQ(model.tensors(), expected.tensors);
  EXPECT_NEAR(static_cast<double>(model.parameters()) / 1e9, expected.all, 5e-4);
  const uint64_t llm =
      parameters_of(model, "embeddings") + parameters_of(model, "decoder layers") + parameters_of(model, "head");
  EXPECT_NEAR(static_cast<double>(llm) / 1e9, expected.llm, 5e-4);
  EXPECT_NEAR(static_cast<double>(parameters_of(model, "vision tower")) / 1e9, expected.tower, 5e-4);
  EXPECT_NEAR(static_cast<double>(parameters_of(model, "mm_projector")) / 1e6, expected.mm, 0.05);
  EXPECT_NEAR(static_cast<double>(parameters_of(model, "aux_projector")) / 1e6, expected.aux, 0.05);
  EXPECT_NEAR(static_cast<double>(parameters_of(model, "interaction layers")) / 1e9, expected.interaction, 5e-4);
}

INSTANTIATE_TEST_SUITE_P(AllFour, SummaryNumbers,
                         testing::Values(Numbers{"fusion-phi3.5-3b", 784, 5.093, 3.821, 0.398, 20.1, 4.9, 0.850},
                                         Numbers{"fusion-x-phi3.5-3b", 992, 5.808, 3.821, 1.107, 23.6, 7.1, 0.850},
                                         Numbers{"fusion-llama3.1-8b", 880, 9.975, 8.030, 0.398, 30.9, 6.0, 1.510},
                                         Numbers{"fusion-x-llama3.1-8b", 1088, 10.692, 8.030, 1.107, 35.7, 8.7,
                                                 1.510}));

TEST(Summary, BlocksHoldEveryParameter) {
  const ModelSummary model = summarise("fusion-phi3.5-3b");
  EXPECT_EQ(model.parameters(), 5'093'034'784u);
  EXPECT_EQ(weight_bytes(model, WeightFormat::kFloat32), 4 * model.parameters());
  EXPECT_EQ(weight_bytes(model, WeightFormat::kBFloat16), 2 * model.parameters());
}

TEST(Summary, QuantisedFormatsLeaveEmbeddingsAndNormsAlone) {
  ModelSummary model;
  model.blocks = {{.name = "a", .tensors = 2, .parameters = 110, .linear = 100},
                  {.name = "b", .tensors = 1, .parameters = 7, .linear = 1}};
  EXPECT_EQ(weight_bytes(model, WeightFormat::kInt8), 101u + 2 * 16);
  EXPECT_EQ(weight_bytes(model, WeightFormat::kInt4), 51u + 2 * 16);
  const ModelSummary nano = summarise("nano");
  for (const BlockSummary& block : nano.blocks) {
    EXPECT_LE(block.linear, block.parameters);
    if (block.name == "embeddings") {
      EXPECT_EQ(block.linear, 0u);
    }
    if (block.name == "head") {
      EXPECT_EQ(block.linear, block.parameters);
    }
  }
}

TEST(Summary, KvCache) {
  EXPECT_EQ(kv_bytes_per_position(summarise("fusion-phi3.5-3b").config.decoder), 32u * 3072 * 2 * 2);
  EXPECT_EQ(kv_bytes_per_position(summarise("fusion-llama3.1-8b").config.decoder), 32u * 1024 * 2 * 2);
}

class CheckpointSummary : public testing::Test {
 protected:
  CheckpointSummary() { init_checkpoint(find_preset("nano"), folder(), {}); }
  std::string folder() const { return scratch_ / "nano"; }
  std::string path(const char* name) const { return folder() + "/" + name; }
  ModelSummary summary() const { return summarise(folder()); }

 private:
  ScratchFolder scratch_;
};

TEST_F(CheckpointSummary, ReadsAWholeFolder) {
  const ModelSummary model = summary();
  EXPECT_THAT(model.notes, IsEmpty());
  ASSERT_TRUE(model.weights);
  EXPECT_THAT(model.weights->files, ElementsAre("model.safetensors"));
  EXPECT_EQ(model.weights->bytes, 4 * model.parameters());
  EXPECT_THAT(model.weights->parameters_by_dtype, ElementsAre(std::pair("F32", model.parameters())));
  ASSERT_TRUE(model.tokenizer);
  EXPECT_EQ(model.tokenizer->vocab_size, 272);
  EXPECT_EQ(model.conversation, "phi_3");
}

TEST_F(CheckpointSummary, WithoutWeightsOnlyTheConfigurationIsTold) {
  fs::remove(path("model.safetensors"));
  const ModelSummary model = summary();
  EXPECT_FALSE(model.weights);
  EXPECT_THAT(model.notes, ElementsAre(HasSubstr("no weights here")));
  EXPECT_EQ(model.parameters(), summarise("nano").parameters());
}

TEST_F(CheckpointSummary, WithoutATokenizer) {
  fs::remove(path("tokenizer.json"));
  const ModelSummary model = summary();
  EXPECT_FALSE(model.tokenizer);
  EXPECT_THAT(model.notes, ElementsAre(AllOf(HasSubstr("no tokenizer"), HasSubstr("tokenizer.model"))));
  EXPECT_THAT(text_report(model), HasSubstr("272 tokens"));
}

TEST_F(CheckpointSummary, WeightsOfAnotherShapeAreNoted) {
  ConfigFiles files = find_preset("nano").files;
  files.config["intermediate_size"] = 400;
  files.config["vocab_size"] = 300;
  std::ofstream(path("config.json")) << files.config.dump();
  const ModelSummary model = summary();
  EXPECT_THAT(model.notes, ElementsAre(AllOf(HasSubstr("vocab_size 300"), HasSubstr("272 rows")),
                                       AllOf(HasSubstr("cannot be loaded"), HasSubstr("mis-shaped"))));
}

TEST(Summary, APlainLanguageModelIsDescribedWithoutWhatItHasNot) {
  const ModelSummary model = summarise(FUSION_SOURCE_DIR "/tests/data/hf/llama");
  EXPECT_FALSE(model.sees);
  ASSERT_TRUE(model.weights);
  EXPECT_EQ(model.weights->parameters_by_dtype.begin()->second, model.parameters());
  EXPECT_EQ(parameters_of(model, "embeddings"), 447u * 16);
  EXPECT_THAT(model.notes, ElementsAre(HasSubstr("no conversation template: ")));
  const std::string text = text_report(model);
  EXPECT_THAT(text, HasSubstr("llama, a plain language model: it answers text only\n"));
  EXPECT_THAT(text, HasSubstr("3 layers of width 16, 2 heads of 8, 1 KV heads"));
  EXPECT_THAT(text, AllOf(Not(HasSubstr("vision tower ")), Not(HasSubstr("image tokens")), Not(HasSubstr("latent"))));
  const auto written = json_report(model);
  EXPECT_TRUE(written["architecture"]["vision_tower"].is_null());
  EXPECT_TRUE(written["architecture"]["image_tokens"].is_null());
  EXPECT_EQ(written["architecture"]["decoder"]["vocabulary"], 447);
  EXPECT_EQ(written["blocks"].size(), 3u);
}

TEST(Summary, RowsBehindTheLastTokenOfAPlainModelAreNoMistake) {
  const ModelSummary model = summarise(FUSION_SOURCE_DIR "/tests/data/hf/phi3");
  EXPECT_LT(model.tokenizer.value().vocab_size, model.config.decoder.vocab_size);
  EXPECT_THAT(model.notes, Not(Contains(HasSubstr("the embedding table"))));
}

TEST_F(CheckpointSummary, BrokenFilesAreErrors) {
  fs::resize_file(path("model.safetensors"), 100);
  EXPECT_THAT(error_of([&] { summary(); }), HasSubstr("model.safetensors"));
  std::ofstream(path("config.json")) << "{";
  EXPECT_THAT(error_of([&] { summary(); }), HasSubstr("config.json"));
}

TEST(Summary, NeitherFolderNorPreset) {
  EXPECT_THAT(error_of([] { summarise("fusion-phi3.5-3"); }), HasSubstr("did you mean fusion-phi3.5-3b?"));
  EXPECT_THAT(error_of([] { summarise("/absent/folder"); }),
              AllOf(HasSubstr("a checkpoint folder or one of"), HasSubstr("check the path")));
}

TEST(SummaryReport, TextIsAlignedAndComplete) {
  const std::string text = text_report(summarise("fusion-x-llama3.1-8b"));
  EXPECT_THAT(text, HasSubstr("\n  vision tower         1,106,998,272   10.4 %\n"));
  EXPECT_THAT(text, HasSubstr("\n  all                 10,691,866,624  100.0 %  10.7 G in 1088 tensors\n"));
  EXPECT_THAT(text, HasSubstr("\n  weights in bfloat16        21.4 GB\n"));
  EXPECT_THAT(text, HasSubstr("\n  KV cache                    131 MB  for each 1,000 positions"));
  EXPECT_THAT(text, HasSubstr("10, after decoder layers 0, 3, 6, ... 27; windows of 3x3"));
  EXPECT_THAT(text, HasSubstr("llama3 rule, theta 500000: 8,192 positions extended to 131,072"));
  EXPECT_THAT(text, HasSubstr("576 a picture (24x24); the latents look at a grid of 48x48"));
  EXPECT_THAT(text, Not(HasSubstr("Notes")));
}

TEST(SummaryReport, JsonHasTheSameNumbers) {
  const ModelSummary model = summarise("nano");
  const auto written = json_report(model);
  EXPECT_EQ(written["parameters"], model.parameters());
  EXPECT_EQ(written["blocks"]["vision tower"]["parameters"], parameters_of(model, "vision tower"));
  EXPECT_EQ(written["weight_bytes"]["bfloat16"], 2 * model.parameters());
  EXPECT_EQ(written["architecture"]["image_tokens"], 64);
  EXPECT_TRUE(written["weights"].is_null());
  EXPECT_TRUE(written["tokenizer"].is_null());
}

}  // namespace
}  // namespace fusion
