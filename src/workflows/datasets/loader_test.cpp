#include "workflows/datasets/loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <atomic>
#include <mutex>
#include <set>

#include "workflows/datasets/batch_order.h"
#include "workflows/datasets/test_support.h"

namespace fusion {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using RecordIds = std::vector<std::string>;

/// Records "0", "1", ...; every third with a picture. Those in `broken` name a picture that is not there.
std::string lines(int64_t count, const std::set<int64_t>& broken = {}) {
  std::string text;
  for (int64_t i = 0; i < count; ++i) {
    text += record_line(cat(i), broken.contains(i) ? "none.png" : i % 3 == 0 ? "cat.png" : "");
  }
  return text;
}

/// 0 1 | 2 3 | ... up to `count`.
Order pairs(int64_t count) {
  return [count](int64_t k) -> std::optional<std::vector<int64_t>> {
    if (2 * k >= count) return std::nullopt;
    return std::vector<int64_t>{2 * k, 2 * k + 1};
  };
}

std::vector<MicroBatch> all_of(Loader& loader) {
  std::vector<MicroBatch> batches;
  while (auto batch = loader.next()) batches.push_back(std::move(*batch));
  return batches;
}

TEST(Loader, GivesTheSameWhateverTheWorkers) {
  const TestSet set(lines(40));
  const auto reader = set.reader();
  const BatchOrder steps(reader->mixture().modality_lengths(), {.batch_size = 8, .micro_batch_size = 2, .seed = 1});
  const auto order = [&](int64_t k) -> std::optional<std::vector<int64_t>> {
    if (k / 4 == 2 * steps.steps_per_epoch()) return std::nullopt;
    return steps.micro_batches(k / 4)[static_cast<size_t>(k % 4)];
  };
  Loader alone(reader, order, {.workers = 0});
  const auto expected = all_of(alone);
  ASSERT_EQ(expected.size(), 40u);
  EXPECT_EQ(alone.records_read(), 80);
  for (const int64_t workers : {1, 2, 16}) {
    Loader loader(reader, order, {.workers = workers, .prefetch = 3});
    const auto batches = all_of(loader);
    ASSERT_EQ(batches.size(), expected.size());
    for (size_t i = 0; i < batches.size(); ++i) {
      EXPECT_EQ(batches[i].ids, expected[i].ids);
      EXPECT_TRUE(torch::equal(batches[i].input.input_ids, expected[i].input.input_ids));
      EXPECT_TRUE(torch::equal(batches[i].input.pixels, expected[i].input.pixels));
    }
    EXPECT_FALSE(loader.next().has_value()) << "the end stays the end";
  }
}

TEST(Loader, ReadsAheadNoFurtherThanItMay) {
  const TestSet set(lines(4));
  std::mutex mutex;
  std::vector<int64_t> asked;
  Loader loader(set.reader(),
                [&](int64_t k) -> std::optional<std::vector<int64_t>> {
                  const std::scoped_lock lock(mutex);
                  asked.push_back(k);
                  return std::vector<int64_t>{k % 4};
                },
                {.workers = 8, .prefetch = 3});
  for (int64_t taken = 1; taken <= 50; ++taken) {
    loader.next();
    const std::scoped_lock lock(mutex);
    ASSERT_LE(static_cast<int64_t>(asked.size()), taken + 3);
  }
  const std::scoped_lock lock(mutex);
  for (size_t k = 0; k < asked.size(); ++k) ASSERT_EQ(asked[k], static_cast<int64_t>(k)) << "each k once, in order";
}

TEST(Loader, LeavesBrokenRecordsOutAndTellsOfEachOnce) {
  const TestSet set(lines(8, {1, 4, 5}));
  for (const int64_t workers : {0, 5}) {
    RecordIds told;
    const auto on_broken = [&](const BrokenRecord& record) {
      told.push_back(record.id);
      EXPECT_EQ(cat(record.index), record.id);
      EXPECT_THAT(record.reason, AllOf(HasSubstr(cat("(id ", record.id, ")")), HasSubstr("none.png")));
    };
    const auto twice = [](int64_t k) { return k < 8 ? pairs(8)(k % 4) : std::nullopt; };
    Loader loader(set.reader(), twice, {.workers = workers, .on_broken = on_broken});
    const auto batches = all_of(loader);
    ASSERT_EQ(batches.size(), 8u);
    EXPECT_THAT(batches[0].ids, ElementsAre("0"));
    EXPECT_THAT(batches[1].ids, ElementsAre("2", "3"));
    EXPECT_EQ(batches[2].samples, 0);
    EXPECT_FALSE(batches[2].input.input_ids.defined());
    EXPECT_THAT(told, ElementsAre("1", "4", "5"));
    EXPECT_EQ(loader.records_read(), 16);
    EXPECT_EQ(loader.records_broken(), 6);
  }
}

TEST(Loader, AFailureOfTheOrderReachesWhoWaits) {
  const TestSet set(lines(8));
  const auto order = [](int64_t k) -> std::optional<std::vector<int64_t>> {
    if (k == 2) throw Error({.who = "order", .expected = "more", .got = "none"});
    return std::vector<int64_t>{k};
  };
  for (const int64_t workers : {0, 1, 6}) {
    Loader loader(set.reader(), order, {.workers = workers});
    EXPECT_TRUE(loader.next().has_value());
    EXPECT_TRUE(loader.next().has_value());
    EXPECT_THAT(error_of([&] { loader.next(); }), HasSubstr("order"));
  }
}

TEST(Loader, EndsWhileItsWorkersRead) {
  const TestSet set(lines(9));
  for (int64_t taken = 0; taken < 6; ++taken) {
    Loader loader(set.reader(), [](int64_t k) { return std::optional(std::vector<int64_t>(8, k % 9)); },
                  {.workers = 4, .prefetch = 1 + taken});
    for (int64_t i = 0; i < taken; ++i) EXPECT_TRUE(loader.next().has_value());
  }
}

TEST(Loader, RefusesNumbersThatMakeNoSense) {
  const TestSet set(lines(1));
  EXPECT_THAT(error_of([&] { Loader(set.reader(), pairs(1), {.workers = -1}); }), HasSubstr("loader"));
  EXPECT_THAT(error_of([&] { Loader(set.reader(), pairs(1), {.prefetch = 0}); }), HasSubstr("prefetch"));
}

}  // namespace
}  // namespace fusion
