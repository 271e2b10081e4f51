#include "pipeline/model/substitution.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <vector>

#include "foundation/core/error.h"

namespace fusion {
namespace {

constexpr int64_t kWidth = 3;
constexpr int64_t kImageTokens = 5;
constexpr int64_t kLatents = 4;

PreparedInput rows_of(const torch::Tensor& ids) {
  PreparedInput input;
  input.input_ids = ids;
  input.attention_mask = ids.ne(0);
  input.labels = inference_labels(input.attention_mask);
  input.query_len = kLatents;
  return input;
}

MergedSequence substitute_rows(const PreparedInput& input, int64_t max_length) {
  const int64_t batch = input.input_ids.size(0);
  return substitute(input,
                    {.words = torch::full({batch, input.input_ids.size(1), kWidth}, 1.0),
                     .image = torch::full({batch, 1, kImageTokens, kWidth}, 2.0),
                     .latents = torch::full({batch, 1, kLatents, kWidth}, 3.0)},
                    max_length);
}

/// A picture's question; a question without a picture; text alone. Padded with 0.
torch::Tensor three_rows() {
  const std::vector<int64_t> picture{7, kLatentToken, 8, kImageToken, 9, 10};
  const std::vector<int64_t> question{7, kLatentToken, 8, 9, 0, 0};
  const std::vector<int64_t> text{7, 8, 0, 0, 0, 0};
  return torch::stack({torch::tensor(picture, torch::kInt64), torch::tensor(question, torch::kInt64),
                       torch::tensor(text, torch::kInt64)});
}

TEST(Substitution, ThePictureTakesTheFirstPlaceholderAndTheLatentsTheOther) {
  const MergedSequence merged = substitute_rows(rows_of(three_rows()), 100);
  const auto kinds = torch::tensor({{1, 2, 2, 2, 2, 2, 1, 3, 3, 3, 3, 1, 1},
                                    {1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0},
                                    {1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
                                   torch::kInt64);
  EXPECT_TRUE(merged.embeds.select(2, 0).to(torch::kInt64).equal(kinds));
  EXPECT_TRUE(merged.attention_mask.sum(1).equal(torch::tensor({13, 7, 2}, torch::kInt64)));
  EXPECT_TRUE(merged.question_positions.equal(torch::tensor({{12}, {6}, {1}}, torch::kInt64)));
  EXPECT_TRUE(
      merged.latent_positions.equal(torch::tensor({{7, 8, 9, 10}, {1, 2, 3, 4}, {-1, -1, -1, -1}}, torch::kInt64)));
  EXPECT_TRUE(merged.image_positions.equal(
      torch::tensor({{1, 2, 3, 4, 5}, {-1, -1, -1, -1, -1}, {-1, -1, -1, -1, -1}}, torch::kInt64)));
  EXPECT_TRUE(substitute_rows(rows_of(three_rows()), 3).image_positions[0].equal(torch::tensor({1, 2}, torch::kInt64)));
}

TEST(Substitution, AFurtherPictureStandsWhereItIsShown) {
  // Two questions about the first picture, two about the second.
  const auto L = kLatentToken;
  const auto I = kImageToken;
  const auto ids =
      torch::tensor(std::vector<int64_t>{7, L, 8, I, 9, L, 9, 7, L, 8, I, 9, L, 9}, torch::kInt64).unsqueeze(0);
  PreparedInput input = rows_of(ids);
  for (const int64_t mark : {4, 6, 11, 13}) input.labels[0][mark] = kQuestionLabel;
  const auto latents = torch::stack({torch::full({kLatents, kWidth}, 3.0), torch::full({kLatents, kWidth}, 5.0)});
  const auto image = torch::stack({torch::full({kImageTokens, kWidth}, 2.0), torch::full({kImageTokens, kWidth}, 4.0)});
  const MergedSequence merged = substitute(input,
                                           {.words = torch::full({1, ids.size(1), kWidth}, 1.0),
                                            .image = image.unsqueeze(0),
                                            .latents = latents.unsqueeze(0)},
                                           100);
  const auto kinds = torch::tensor(
      {{1, 2, 2, 2, 2, 2, 1, 3, 3, 3, 3, 1, 3, 3, 3, 3, 1, 1, 4, 4, 4, 4, 4, 1, 5, 5, 5, 5, 1, 5, 5, 5, 5, 1}},
      torch::kInt64);
  EXPECT_TRUE(merged.embeds.select(2, 0).to(torch::kInt64).equal(kinds));
  EXPECT_TRUE(merged.latent_pictures.equal(torch::tensor({{0, 0, 1, 1}}, torch::kInt64)));
  EXPECT_TRUE(merged.question_positions.equal(torch::tensor({{11, 16, 28, 33}}, torch::kInt64)));
  EXPECT_EQ(uncut_length(input, kImageTokens, 2), merged.embeds.size(1));
}

TEST(Substitution, MaskedPositionsAreDroppedWhereverTheyStand) {
  PreparedInput right = rows_of(three_rows());
  PreparedInput left = right;
  left.input_ids = left.input_ids.roll(2, 1);
  left.attention_mask = left.attention_mask.roll(2, 1);
  left.labels = left.labels.roll(2, 1);
  left.input_ids[0].copy_(right.input_ids[0]);
  left.labels[0].copy_(right.labels[0]);
  const MergedSequence a = substitute_rows(right, 100);
  const MergedSequence b = substitute_rows(left, 100);
  EXPECT_TRUE(b.embeds.equal(a.embeds));
  EXPECT_TRUE(b.question_positions.equal(a.question_positions));
  EXPECT_TRUE(b.latent_positions.equal(a.latent_positions));
}

TEST(Substitution, ANegativeIdThatIsNoPlaceholderIsAnError) {
  PreparedInput input = rows_of(three_rows());
  input.input_ids[1][2] = -7;
  EXPECT_THROW(substitute_rows(input, 100), Error);
}

TEST(Substitution, ACutQuestionLosesItsMarkAndItsUpdates) {
  const MergedSequence merged = substitute_rows(rows_of(three_rows()), 12);
  EXPECT_EQ(merged.embeds.size(1), 12);
  EXPECT_TRUE(merged.question_positions.equal(torch::tensor({{-1}, {6}, {1}}, torch::kInt64)));
  EXPECT_TRUE(merged.latent_positions[0].equal(torch::full({kLatents}, -1, torch::kInt64)));
}

TEST(Substitution, TheUncutLengthIsKnownBefore) {
  for (int64_t row = 0; row < 3; ++row) {
    const PreparedInput input = rows_of(three_rows().slice(0, row, row + 1));
    EXPECT_EQ(uncut_length(input, kImageTokens, 1), substitute_rows(input, 100).embeds.size(1)) << "row " << row;
  }
  EXPECT_EQ(uncut_length(rows_of(three_rows()), kImageTokens, 1), 13);
}

}  // namespace
}  // namespace fusion
