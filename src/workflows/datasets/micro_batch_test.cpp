#include "workflows/datasets/micro_batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include "workflows/datasets/test_support.h"

namespace fusion {
namespace {

using testing::ElementsAre;

Sample sample(std::string id, std::vector<int64_t> ids, std::vector<int64_t> labels, std::vector<int64_t> instruct,
              int pixel = -1) {
  Sample made{
      .id = std::move(id),
      .prompt = {.input_ids = std::move(ids), .labels = std::move(labels), .instruct_ids = std::move(instruct)}};
  if (pixel >= 0) {
    made.tiles = {.tile_size = 2, .pixels = std::vector<uint8_t>(5 * 3 * 2 * 2, static_cast<uint8_t>(pixel))};
  }
  return made;
}

const TileOptions kTiles{.tile_size = 2, .mean = {0.5F, 0.5F, 0.5F}, .std = {0.5F, 0.25F, 0.5F}};

torch::Tensor rows(std::vector<std::vector<int64_t>> values) {
  std::vector<torch::Tensor> all;
  for (const auto& row : values) all.push_back(torch::tensor(row, torch::kInt64));
  return torch::stack(all);
}

TEST(TargetsWithin, ThoseOfAllRowsThatTheCutLeaves) {
  const std::vector<Sample> samples = {sample("a", {1, -300, 2, 7, 8}, {-100, -100, -400, 7, 8}, {5, 6}),
                                       sample("b", {3, -200, 9}, {-100, -400, 9}, {0})};
  const MicroBatch batch = collate(samples, kTiles, /*pad_id=*/42);
  EXPECT_EQ(batch.targets, 3);
  const auto within = [&](int64_t max_length) {
    return targets_within(batch.input, {.image_tokens = 9, .query_len = 4, .max_length = max_length});
  };
  EXPECT_EQ(within(11), 3);
  EXPECT_EQ(within(10), 2);  // b's stands at 10, behind the picture
  EXPECT_EQ(within(7), 1);
  EXPECT_EQ(within(6), 0);
  // A picture of the second round goes to the front.
  const std::vector<int64_t> ids = {-300, 1, 7, -300, -200, 2, 8};
  const std::vector<int64_t> labels = {-100, -400, 7, -100, -100, -400, 8};
  EXPECT_EQ(targets_within(ids, labels, {.image_tokens = 9, .query_len = 4, .max_length = 10}), 0);
  EXPECT_EQ(targets_within(ids, labels, {.image_tokens = 9, .query_len = 4, .max_length = 11}), 1);
}

TEST(Collate, PadsOnTheRight) {
  const std::vector<Sample> samples = {sample("a", {1, -300, 2, 7, 8}, {-100, -100, -400, 7, 8}, {5, 6}, 255),
                                       sample("b", {3, 9}, {9, 9}, {0})};
  const MicroBatch batch = collate(samples, kTiles, /*pad_id=*/42);
  EXPECT_TRUE(torch::equal(batch.input.input_ids, rows({{1, -300, 2, 7, 8}, {3, 9, 42, 42, 42}})));
  EXPECT_TRUE(torch::equal(batch.input.attention_mask, rows({{1, 1, 1, 1, 1}, {1, 1, 0, 0, 0}}).to(torch::kBool)));
  EXPECT_TRUE(torch::equal(batch.input.labels, rows({{-100, -100, -400, 7, 8}, {9, 9, -100, -100, -100}})));
  EXPECT_TRUE(torch::equal(batch.input.instruct_ids, rows({{5, 6}, {0, 0}})));
  EXPECT_TRUE(torch::equal(batch.input.instruct_lengths, torch::tensor({2, 1}, torch::kInt64)));
  EXPECT_EQ(batch.input.query_len, 0);
  EXPECT_EQ(batch.samples, 2);
  EXPECT_EQ(batch.tokens, 7);
  EXPECT_EQ(batch.targets, 3) << "7 and 8, and of the second row the last: nothing stands before its first";
  EXPECT_THAT(batch.ids, ElementsAre("a", "b"));
}

TEST(Collate, NormalisesPixelsAndLeavesTextOnlyZero) {
  const std::vector<Sample> samples = {sample("a", {1}, {1}, {0}), sample("b", {1}, {1}, {0}, 255)};
  const auto pixels = collate(samples, kTiles, 0).input.pixels;
  EXPECT_EQ(pixels.sizes(), (torch::IntArrayRef{2, 5, 3, 2, 2}));
  EXPECT_EQ(pixels.scalar_type(), torch::kFloat32);
  EXPECT_EQ(pixels[0].abs().max().item<float>(), 0);
  EXPECT_TRUE(torch::equal(pixels[1].select(1, 0), torch::ones({5, 2, 2})));
  EXPECT_TRUE(torch::equal(pixels[1].select(1, 1), torch::full({5, 2, 2}, 2.0F)));
}

TEST(Collate, ARowDoesNotDependOnTheOthers) {
  const TestSet set(record_line("1", "cat.png") + record_line("2", "", "Yes?") + record_line("3", "cat.png", "Why?"));
  const auto reader = set.reader();
  std::vector<Sample> samples;
  for (int64_t i = 0; i < 3; ++i) samples.push_back(reader->read(i));
  const MicroBatch all = collate(samples, reader->options().tiles(), reader->pad_id());
  for (int64_t i = 0; i < 3; ++i) {
    const MicroBatch one = collate({&samples[static_cast<size_t>(i)], 1}, reader->options().tiles(), reader->pad_id());
    const int64_t length = one.input.input_ids.size(1);
    const int64_t instruct = one.input.instruct_ids.size(1);
    EXPECT_TRUE(torch::equal(all.input.input_ids[i].slice(0, 0, length), one.input.input_ids[0]));
    EXPECT_TRUE(torch::equal(all.input.labels[i].slice(0, 0, length), one.input.labels[0]));
    EXPECT_TRUE(torch::equal(all.input.instruct_ids[i].slice(0, 0, instruct), one.input.instruct_ids[0]));
    EXPECT_EQ(all.input.instruct_lengths[i].item<int64_t>(), instruct);
    EXPECT_TRUE(torch::equal(all.input.pixels[i], one.input.pixels[0]));
  }
}

TEST(Collate, NothingIsNothing) {
  const MicroBatch batch = collate({}, kTiles, 0);
  EXPECT_EQ(batch.samples, 0);
  EXPECT_FALSE(batch.input.input_ids.defined());
}

}  // namespace
}  // namespace fusion
