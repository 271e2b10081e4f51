#include "workflows/datasets/batch_order.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <numeric>
#include <utility>

#include "foundation/core/error.h"
#include "foundation/core/random_source.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

using Indices = std::vector<int64_t>;

void append(Indices& all, std::span<const int64_t> more) {
  all.insert(all.end(), more.begin(), more.end());
}

int64_t words_of(std::span<const int32_t> lengths, int64_t record) {
  return std::abs(static_cast<int64_t>(lengths[static_cast<size_t>(record)]));
}

}  // namespace

std::vector<Indices> split_to_even_chunks(std::span<const int64_t> indices, std::span<const int32_t> lengths,
                                          int64_t chunks) {
  const auto count = static_cast<size_t>(chunks);
  std::vector<Indices> result(count);
  if (indices.size() % count != 0) {
    for (size_t i = 0; i < indices.size(); ++i) result[i % count].push_back(indices[i]);
    return result;
  }
  const size_t size = indices.size() / count;
  constexpr int64_t kFull = std::numeric_limits<int64_t>::max();
  std::vector<int64_t> totals(count, 0);
  for (const int64_t index : indices) {
    const auto shortest = static_cast<size_t>(std::ranges::min_element(totals) - totals.begin());
    result[shortest].push_back(index);
    totals[shortest] = result[shortest].size() == size ? kFull : totals[shortest] + words_of(lengths, index);
  }
  return result;
}

BatchOrder::BatchOrder(std::span<const int32_t> lengths, const BatchOrderOptions& options)
    : lengths_(lengths), options_(options) {
  if (lengths.empty()) throw Error({.who = "batches", .expected = "records to train on", .got = "none"});
  if (options.batch_size < 1 || options.micro_batch_size < 1 || options.batch_size % options.micro_batch_size != 0) {
    throw Error({.who = "batches",
                 .expected = "a batch size that is a multiple of the micro-batch size, both above 0",
                 .got = cat(options.batch_size, " and ", options.micro_batch_size)});
  }
}

int64_t BatchOrder::steps_per_epoch() const {
  const auto records = static_cast<int64_t>(lengths_.size());
  return records / options_.batch_size + (records % options_.batch_size == 0 ? 0 : 1);
}

std::vector<Indices> BatchOrder::micro_batches(int64_t step) const {
  if (step < 0) throw Error({.who = "batches", .expected = "a step from 0 on", .got = cat(step)});
  const int64_t steps = steps_per_epoch();
  const std::shared_ptr<const Epoch> now = epoch(step / steps);
  const auto first = static_cast<size_t>(step % steps * options_.batch_size);
  const auto size = std::min(static_cast<size_t>(options_.batch_size), now->records.size() - first);
  Indices records(now->records.begin() + first, now->records.begin() + first + size);
  const auto micro = static_cast<size_t>(options_.micro_batch_size);
  if (!options_.group_by_modality_length) {
    std::vector<Indices> result;
    for (size_t at = 0; at < size; at += micro) {
      result.emplace_back(records.begin() + at, records.begin() + std::min(size, at + micro));
    }
    return result;
  }
  std::ranges::stable_sort(records, std::ranges::greater{}, [this](int64_t i) { return words_of(lengths_, i); });
  return split_to_even_chunks(records, lengths_, static_cast<int64_t>((size + micro - 1) / micro));
}

std::shared_ptr<const BatchOrder::Epoch> BatchOrder::epoch(int64_t number) const {
  const std::scoped_lock lock(mutex_);
  if (current_ == nullptr || current_->number != number) {
    current_ = std::make_shared<const Epoch>(options_.group_by_modality_length ? grouped_epoch(number)
                                                                               : shuffled_epoch(number));
  }
  return current_;
}

BatchOrder::Epoch BatchOrder::shuffled_epoch(int64_t number) const {
  Epoch epoch{.number = number, .records = Indices(lengths_.size())};
  std::iota(epoch.records.begin(), epoch.records.end(), 0);
  RandomSource(options_.seed, static_cast<uint64_t>(number)).shuffle<int64_t>(epoch.records);
  return epoch;
}

BatchOrder::Epoch BatchOrder::grouped_epoch(int64_t number) const {
  const Epoch shuffled = shuffled_epoch(number);
  // Records that are broken have length 0 and go with the pictures: whoever reads them finds out.
  Indices with_picture, without, left;
  for (const int64_t record : shuffled.records) {
    (lengths_[static_cast<size_t>(record)] < 0 ? without : with_picture).push_back(record);
  }
  const auto size = static_cast<size_t>(options_.batch_size);
  std::vector<std::span<const int64_t>> steps;
  for (const Indices* group : {&with_picture, &without}) {
    const std::span<const int64_t> all(*group);
    const size_t whole = all.size() / size * size;
    for (size_t at = 0; at < whole; at += size) steps.push_back(all.subspan(at, size));
    append(left, all.subspan(whole));
  }
  RandomSource random(~options_.seed, static_cast<uint64_t>(number));
  random.shuffle<std::span<const int64_t>>(steps);
  random.shuffle<int64_t>(left);
  Epoch epoch{.number = number};
  epoch.records.reserve(lengths_.size());
  for (const auto& step : steps) append(epoch.records, step);
  append(epoch.records, left);
  return epoch;
}

}  // namespace fusion
