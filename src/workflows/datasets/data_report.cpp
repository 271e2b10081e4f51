#include "workflows/datasets/data_report.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "foundation/core/error.h"

namespace fusion {

namespace {

/// What became of one record.
struct Checked {
  int64_t index = 0;
  std::optional<SampleLength> length = {};  ///< nothing: it is broken
  std::string reason = {};
};

Checked check(const SampleReader& reader, int64_t index, const CheckOptions& options) {
  try {
    const TokenizedPrompt prompt = options.decode_pictures ? reader.read_prompt(index) : reader.read_words(index);
    return {.index = index,
            .length = measure(prompt, options.image_tokens, options.query_len, reader.options().max_length)};
  } catch (const Error& error) {
    return {.index = index, .reason = error.what()};
  }
}

/// The i-th of `count` places spread evenly over 0 .. all - 1.
int64_t spread(int64_t i, int64_t count, int64_t all) {
  return i * (all / count) + i * (all % count) / count;
}

/// 0, 32, 64, 128, ... up to the longest possible.
std::vector<LengthBin> empty_bins(int64_t max_length) {
  constexpr int64_t kFirst = 32;
  std::vector<LengthBin> bins = {{}};
  for (int64_t from = kFirst; from <= max_length; from *= 2) bins.push_back({.from = from});
  return bins;
}

LengthBin& bin_of(std::vector<LengthBin>& bins, int64_t length) {
  return *std::prev(std::ranges::upper_bound(bins, length, {}, &LengthBin::from));
}

class Counter {
 public:
  Counter(const SampleReader& reader, const CheckOptions& options)
      : mixture_(reader.mixture()), max_length_(reader.options().max_length), options_(options) {
    for (const DataSet& set : mixture_.data_sets()) {
      report_.data_sets.push_back({.path = set.path, .strategy = set.strategy});
    }
    report_.lengths = empty_bins(max_length_);
  }

  void add(Checked checked) {
    const auto set = static_cast<size_t>(mixture_.data_set_of(checked.index));
    for (DataSetReport* counts : {&report_.data_sets[set], &report_.total}) count(*counts, checked);
    if (checked.length) {
      measure_up(checked.index, *checked.length);
    } else if (static_cast<int64_t>(report_.broken.size()) < options_.max_listed) {
      report_.broken.push_back(
          {.index = checked.index, .id = mixture_.id(checked.index), .reason = std::move(checked.reason)});
    }
  }

  DataReport take() {
    for (const auto& [positions, record] : longest_) report_.longest.records.push_back(record);
    if (!longest_.empty()) report_.longest.positions = longest_.front().positions;
    return std::move(report_);
  }

 private:
  struct Long {
    int64_t positions;
    int64_t record;
  };

  int64_t cut(int64_t positions) const { return std::min(positions, max_length_); }

  void count(DataSetReport& counts, const Checked& checked) const {
    ++counts.records;
    if (!checked.length) {
      ++counts.broken;
      return;
    }
    const SampleLength& length = *checked.length;
    ++(mixture_.modality_lengths()[static_cast<size_t>(checked.index)] > 0 ? counts.pictures : counts.text_only);
    counts.tokens += length.tokens;
    counts.targets += length.targets;
    counts.longest = std::max(counts.longest, cut(length.positions));
    if (length.positions > max_length_) ++counts.cut;
    if (length.targets == 0) ++counts.unteachable;
  }

  void measure_up(int64_t record, const SampleLength& length) {
    const int64_t positions = cut(length.positions);
    ++bin_of(report_.lengths, length.tokens).by_tokens;
    ++bin_of(report_.lengths, positions).by_positions;
    LongestBatch& most = report_.longest;
    most.instruct_tokens = std::max(most.instruct_tokens, length.instruct_tokens);
    most.questions = std::max(most.questions, length.questions);
    most.targets = std::max(most.targets, length.targets);
    const auto place = std::ranges::upper_bound(longest_, positions, std::ranges::greater{}, &Long::positions);
    longest_.insert(place, {.positions = positions, .record = record});
    if (static_cast<int64_t>(longest_.size()) > options_.micro_batch_size) longest_.pop_back();
  }

  const Mixture& mixture_;
  const int64_t max_length_;
  const CheckOptions& options_;
  DataReport report_;
  std::vector<Long> longest_;  // descending; of equals the first record first
};

}  // namespace

SampleLength measure(const TokenizedPrompt& prompt, int64_t image_tokens, int64_t query_len, int64_t max_length) {
  const SequenceForm form{
      .image_tokens = image_tokens, .query_len = static_cast<double>(query_len), .max_length = max_length};
  SampleLength length{.tokens = static_cast<int64_t>(prompt.input_ids.size()),
                      .instruct_tokens = static_cast<int64_t>(prompt.instruct_ids.size()),
                      .questions = std::ranges::count(prompt.input_ids, kLatentToken),
                      .targets = targets_within(prompt.input_ids, prompt.labels, form)};
  const int64_t pictures = std::ranges::count(prompt.input_ids, kImageToken);
  length.positions = length.tokens + pictures * (image_tokens - 1) + length.questions * (query_len - 1);
  return length;
}

DataReport check_data(const SampleReader& reader, const CheckOptions& options) {
  constexpr int64_t kBlock = 256;  // records between two reports
  const int64_t all = reader.mixture().size();
  const int64_t count = options.limit > 0 ? std::min(options.limit, all) : all;
  Counter counter(reader, options);
  for (int64_t begin = 0; begin < count; begin += kBlock) {
    std::vector<Checked> block(static_cast<size_t>(std::min(kBlock, count - begin)));
    at::parallel_for(0, static_cast<int64_t>(block.size()), /*grain_size=*/1, [&](int64_t from, int64_t to) {
      for (int64_t i = from; i < to; ++i) {
        const int64_t index = spread(begin + i, count, all);
        block[static_cast<size_t>(i)] = check(reader, index, options);
      }
    });
    for (Checked& checked : block) counter.add(std::move(checked));
    const auto done = static_cast<uint64_t>(begin) + block.size();
    if (options.on_progress) options.on_progress(done, static_cast<uint64_t>(count));
  }
  return counter.take();
}

}  // namespace fusion
