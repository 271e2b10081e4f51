#include "pipeline/model/fusion_model.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <string>
#include <tuple>
#include <utility>

#include "foundation/nn/test_support.h"
#include "pipeline/model/load_model.h"
#include "pipeline/model/model_test_support.h"

namespace fusion {
namespace {

const std::string kGoldens = FUSION_SOURCE_DIR "/parity/goldens/";

/// One past the last instruct id of each row that is not padding.
torch::Tensor own_lengths(const torch::Tensor& ids) {
  const auto place = torch::arange(1, ids.size(1) + 1, ids.options());
  return std::get<0>((ids.ne(kInstructPadding) * place).max(1)).clamp_min(1);
}

TEST(FusionModel, ABatchAnswersAsItsRowsDoAlone) {
  const std::string folder = kGoldens + "d_batch";
  FusionModel model = load_fusion_model(folder, {});
  PreparedInput batch = golden_rows(folder, 0, 3);
  batch.instruct_lengths = own_lengths(batch.instruct_ids);
  const torch::NoGradGuard no_grad;
  const auto together = model->forward(batch).logits;
  for (int64_t row = 0; row < 3; ++row) {
    PreparedInput single = golden_rows(folder, row, 1);
    single.instruct_lengths = own_lengths(single.instruct_ids);
    single.instruct_ids = single.instruct_ids.slice(1, 0, single.instruct_lengths.item<int64_t>());
    single.instruct_lengths = own_lengths(single.instruct_ids);
    const auto alone = model->forward(single).logits[0];
    const auto difference = (together[row].slice(0, 0, alone.size(0)) - alone).abs().max().item<float>();
    EXPECT_LT(difference, 1e-4 * alone.abs().max().item<float>()) << "row " << row;
  }
}

TEST(FusionModel, HalfPrecisionStaysNearFloat32) {
  // The bounds stated in parity/LEDGER.md.
  for (const auto& [dtype, bound] : {std::pair{torch::kBFloat16, 0.03}, std::pair{torch::kHalf, 0.004}}) {
    for (const char* name : {"a_phi3_siglip_q4", "c_llama_siglip_gqa"}) {
      const std::string folder = kGoldens + name;
      PreparedInput input = golden_rows(folder, 0, 1);
      const torch::NoGradGuard no_grad;
      const auto exact = load_fusion_model(folder, {})->forward(input).logits;
      input.pixels = input.pixels.to(dtype);
      const auto rounded = load_fusion_model(folder, {.dtype = dtype})->forward(input).logits;
      const double distance = (rounded - exact).norm().item<double>() / exact.norm().item<double>();
      EXPECT_LT(distance, bound) << name << " in " << c10::toString(dtype);
      RecordProperty(std::string(name) + c10::toString(dtype), std::to_string(distance));
    }
  }
}

TEST(FusionModel, WithoutAnyTargetTheLossIsAFiniteNumber) {
  const std::string folder = kGoldens + "a_phi3_siglip_q4";
  FusionModel model = load_fusion_model(folder, {});
  PreparedInput input = golden_rows(folder, 0, 1);
  input.labels = inference_labels(input.attention_mask);
  const torch::NoGradGuard no_grad;
  const Losses losses = model->forward(input).losses;
  EXPECT_EQ(losses.ce.item<float>(), 0);
  EXPECT_TRUE(losses.total.isfinite().item<bool>());
}

TEST(FusionModel, WithoutLatentTokensTheTilesDoNotMatter) {
  const std::string folder = kGoldens + "a_phi3_siglip_q4";
  ConfigFiles files = read_config_files(folder);
  files.config["query_len"] = "0";
  files.config["num_of_vision_sampler_layers"] = 0;
  FusionModel model(parse_fusion_config(files, folder));
  PreparedInput input = golden_rows(folder, 0, 1);
  input.query_len = 0;
  const torch::NoGradGuard no_grad;
  fill_randomly(*model, 5);
  const auto logits = model->forward(input).logits;
  EXPECT_TRUE(logits.isfinite().all().item<bool>());
  input.pixels.slice(1, 0, 4).normal_();
  EXPECT_TRUE(model->forward(input).logits.equal(logits));
  input.pixels.slice(1, 4).normal_();
  EXPECT_FALSE(model->forward(input).logits.equal(logits));
}

TEST(FusionModel, WithoutLatentTokensItLearnsFromBatches) {
  const std::string folder = kGoldens + "d_batch";
  ConfigFiles files = read_config_files(folder);
  files.config["query_len"] = "0";
  files.config["num_of_vision_sampler_layers"] = 0;
  files.config["text_guided_encoding"] = false;
  FusionModel model(parse_fusion_config(files, folder));
  fill_randomly(*model, 5);
  for (auto& parameter : model->parameters()) parameter.set_requires_grad(true);
  PreparedInput input = golden_rows(folder, 0, 3);
  input.instruct_lengths = own_lengths(input.instruct_ids);
  input.query_len = 0;
  const Losses losses = model->losses(input);
  losses.total.backward();
  EXPECT_TRUE(losses.total.isfinite().item<bool>());
  EXPECT_GT(model->named_parameters()["model.embed_tokens.weight"].grad().abs().max().item<float>(), 0);
  const Reading reading = model->read(input, /*with_pairs=*/false);
  EXPECT_EQ(reading.sequence.latent_positions.numel(), 0);
  EXPECT_FALSE(reading.latents.windows.defined());
}

TEST(FusionModel, SeesAnIdZeroWhereItIsNoPadding) {
  const std::string folder = kGoldens + "d_batch";
  ConfigFiles files = read_config_files(folder);
  const auto visible_with = [&](bool id_zero_is_padding, const PreparedInput& input) {
    files.config["instruct_id_zero_is_padding"] = id_zero_is_padding;
    FusionModel model(parse_fusion_config(files, folder));
    fill_randomly(*model, 5);
    const torch::NoGradGuard no_grad;
    return model->read(input, /*with_pairs=*/true).pairs.instruct_visible[0];
  };
  PreparedInput input = golden_rows(folder, 0, 3);
  input.instruct_lengths = own_lengths(input.instruct_ids);
  const int64_t length = input.instruct_lengths[0].item<int64_t>();
  input.instruct_ids = input.instruct_ids.clone();
  input.instruct_ids[0][0] = kInstructPadding;
  EXPECT_EQ(visible_with(true, input).sum().item<int64_t>(), length - 1);
  EXPECT_EQ(visible_with(false, input).sum().item<int64_t>(), length);
  input.instruct_ids[0].fill_(kInstructPadding);
  input.instruct_lengths[0] = 1;
  EXPECT_EQ(visible_with(false, input).sum().item<int64_t>(), 0) << "a row without a question";
}

TEST(PreparedInput, InferenceMarksTheLastTokenOfEachRow) {
  const auto mask = torch::tensor({{1, 1, 1}, {1, 0, 0}}).to(torch::kBool);
  const auto expected = torch::tensor({{-100, -100, -400}, {-400, -100, -100}}, torch::kInt64);
  EXPECT_TRUE(inference_labels(mask).equal(expected));
}

}  // namespace
}  // namespace fusion
