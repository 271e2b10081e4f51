#include "workflows/datasets/batch_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "foundation/config/json_file.h"
#include "foundation/config/test_support.h"

namespace fusion {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Batches = std::vector<std::vector<int64_t>>;

/// 47 records with pictures, 26 without, lengths of 1 to 50 words.
std::vector<int32_t> some_lengths() {
  std::vector<int32_t> lengths;
  for (int32_t i = 0; i < 73; ++i) lengths.push_back((1 + i * 37 % 50) * (i < 47 ? 1 : -1));
  return lengths;
}

std::vector<int64_t> joined(const Batches& batches) {
  std::vector<int64_t> all;
  for (const auto& batch : batches) all.insert(all.end(), batch.begin(), batch.end());
  return all;
}

Batches epoch_of(const BatchOrder& order, int64_t epoch) {
  Batches steps;
  for (int64_t step = 0; step < order.steps_per_epoch(); ++step) {
    steps.push_back(joined(order.micro_batches(epoch * order.steps_per_epoch() + step)));
  }
  return steps;
}

TEST(SplitToEvenChunks, EqualsTheReference) {
  const auto golden = read_json_file(FUSION_SOURCE_DIR "/parity/goldens/prompts/sampling.json");
  ASSERT_FALSE(golden["even_chunks"].empty());
  for (const auto& item : golden["even_chunks"]) {
    EXPECT_EQ(split_to_even_chunks(item["indices"].get<std::vector<int64_t>>(),
                                   item["lengths"].get<std::vector<int32_t>>(), item["chunks"]),
              item["result"].get<Batches>());
  }
}

TEST(BatchOrder, EveryRecordOnceAnEpoch) {
  const auto lengths = some_lengths();
  for (const bool grouped : {true, false}) {
    const BatchOrder order(lengths,
                           {.batch_size = 8, .micro_batch_size = 2, .seed = 5, .group_by_modality_length = grouped});
    EXPECT_EQ(order.steps_per_epoch(), 10);
    for (const int64_t epoch : {0, 1, 2}) {
      auto records = joined(epoch_of(order, epoch));
      ASSERT_EQ(records.size(), lengths.size());
      std::ranges::sort(records);
      for (size_t i = 0; i < records.size(); ++i) ASSERT_EQ(records[i], static_cast<int64_t>(i));
    }
    EXPECT_NE(epoch_of(order, 0), epoch_of(order, 1));
  }
}

TEST(BatchOrder, MicroBatchesAreFullButForTheEnd) {
  const auto lengths = some_lengths();
  const BatchOrder order(lengths, {.batch_size = 8, .micro_batch_size = 2});
  for (int64_t step = 0; step < 9; ++step) {
    const Batches micro = order.micro_batches(step);
    ASSERT_EQ(micro.size(), 4u);
    for (const auto& batch : micro) EXPECT_EQ(batch.size(), 2u);
  }
  const std::vector<int32_t> five(5, 3);
  const Batches last = BatchOrder(five, {.batch_size = 8, .micro_batch_size = 4}).micro_batches(0);
  ASSERT_EQ(last.size(), 2u);
  for (const auto& batch : last) {
    EXPECT_GE(batch.size(), 2u);
  }
}

TEST(BatchOrder, StepsHoldOneModalityButForTheLeftOver) {
  const auto lengths = some_lengths();
  const BatchOrder order(lengths, {.batch_size = 8, .micro_batch_size = 4, .seed = 3});
  int mixed = 0;
  const Batches steps = epoch_of(order, 0);
  for (size_t step = 0; step < steps.size(); ++step) {
    const auto pictures = std::ranges::count_if(steps[step], [&](int64_t i) { return lengths[i] > 0; });
    const bool pure = pictures == 0 || pictures == static_cast<int64_t>(steps[step].size());
    if (!pure) {
      ++mixed;
      EXPECT_GE(step, 8u) << "47 % 8 + 26 % 8 records are left over: the last two steps";
    }
  }
  EXPECT_GE(mixed, 1);
}

TEST(BatchOrder, MicroBatchesOfAStepAreOfNearlyOneLength) {
  const auto lengths = some_lengths();
  const BatchOrder order(lengths, {.batch_size = 16, .micro_batch_size = 4, .seed = 3});
  for (int64_t step = 0; step < 3; ++step) {
    int64_t shortest = 1'000'000;
    int64_t longest = 0;
    for (const auto& batch : order.micro_batches(step)) {
      int64_t total = 0;
      for (const int64_t i : batch) total += std::abs(lengths[i]);
      shortest = std::min(shortest, total);
      longest = std::max(longest, total);
    }
    EXPECT_LE(longest - shortest, 50) << "no more than the longest record";
  }
}

TEST(BatchOrder, DependsOnLengthsOptionsAndStepAlone) {
  const auto lengths = some_lengths();
  const BatchOrderOptions options{.batch_size = 8, .micro_batch_size = 2, .seed = 11};
  const BatchOrder forward(lengths, options);
  const BatchOrder backward(lengths, options);
  std::vector<Batches> steps;
  for (int64_t step = 0; step < 30; ++step) steps.push_back(forward.micro_batches(step));
  for (int64_t step = 29; step >= 0; --step) {
    EXPECT_EQ(backward.micro_batches(step), steps[static_cast<size_t>(step)]);
  }
  BatchOrderOptions other = options;
  other.seed = 12;
  EXPECT_NE(epoch_of(BatchOrder(lengths, other), 0), epoch_of(forward, 0));
  other = options;
  other.micro_batch_size = 4;
  const Batches coarse = epoch_of(BatchOrder(lengths, other), 0);
  const Batches fine = epoch_of(forward, 0);
  for (size_t step = 0; step < fine.size(); ++step) {
    EXPECT_EQ(std::set<int64_t>(fine[step].begin(), fine[step].end()),
              std::set<int64_t>(coarse[step].begin(), coarse[step].end()))
        << "micro-batches cut a step, they do not change it";
  }
}

TEST(BatchOrder, IsTheSameOnEveryMachine) {
  const std::vector<int32_t> lengths = {5, -3, 2, 9, -4, 7, 1};
  const BatchOrder order(lengths, {.batch_size = 2, .micro_batch_size = 1, .seed = 42});
  EXPECT_EQ(epoch_of(order, 0), (Batches{{3, 0}, {4, 1}, {5, 6}, {2}}));
  EXPECT_EQ(epoch_of(order, 1), (Batches{{0, 2}, {3, 6}, {4, 1}, {5}}));
}

TEST(BatchOrder, RefusesSizesThatDoNotFit) {
  const std::vector<int32_t> lengths = {1, 2, 3};
  const auto refusal = [&](int64_t batch, int64_t micro) {
    return error_of([&] { BatchOrder(lengths, {.batch_size = batch, .micro_batch_size = micro}); });
  };
  EXPECT_THAT(refusal(8, 3), HasSubstr("a multiple of the micro-batch size, both above 0, got 8 and 3"));
  EXPECT_THAT(refusal(0, 1), HasSubstr("got 0 and 1"));
  EXPECT_THAT(refusal(4, 0), HasSubstr("got 4 and 0"));
  EXPECT_THAT(error_of([&] { BatchOrder({}, {}); }), HasSubstr("records to train on"));
  EXPECT_THAT(error_of([&] { BatchOrder(lengths, {}).micro_batches(-1); }), HasSubstr("a step from 0 on"));
}

}  // namespace
}  // namespace fusion
