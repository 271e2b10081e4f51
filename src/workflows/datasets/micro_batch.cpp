#include "workflows/datasets/micro_batch.h"

#include <torch/types.h>

#include <algorithm>
#include <utility>

namespace fusion {

namespace {

using Member = std::vector<int64_t> TokenizedPrompt::*;

/// [B, longest] int64.
torch::Tensor padded(std::span<const Sample> samples, Member member, int64_t padding) {
  size_t longest = 0;
  for (const Sample& sample : samples) longest = std::max(longest, (sample.prompt.*member).size());
  const auto rows = static_cast<int64_t>(samples.size());
  auto result = torch::empty({rows, static_cast<int64_t>(longest)}, torch::kInt64);
  auto* cell = result.mutable_data_ptr<int64_t>();
  for (const Sample& sample : samples) {
    const std::vector<int64_t>& values = sample.prompt.*member;
    cell = std::ranges::copy(values, cell).out;
    cell = std::fill_n(cell, longest - values.size(), padding);
  }
  return result;
}

/// [B] int64.
torch::Tensor lengths(std::span<const Sample> samples, Member member) {
  auto result = torch::empty({static_cast<int64_t>(samples.size())}, torch::kInt64);
  std::ranges::transform(samples, result.mutable_data_ptr<int64_t>(), [member](const Sample& sample) {
    return static_cast<int64_t>((sample.prompt.*member).size());
  });
  return result;
}

/// [B, T] bool.
torch::Tensor mask(std::span<const Sample> samples, int64_t width) {
  auto result = torch::empty({static_cast<int64_t>(samples.size()), width}, torch::kBool);
  auto* cell = result.mutable_data_ptr<bool>();
  for (const Sample& sample : samples) {
    const auto length = static_cast<int64_t>(sample.prompt.input_ids.size());
    cell = std::fill_n(cell, length, true);
    cell = std::fill_n(cell, width - length, false);
  }
  return result;
}

/// [B, 5, 3, S, S] float32. Written by hand: workers that filled tensors with torch would each start its thread pool.
torch::Tensor pixels(std::span<const Sample> samples, const TileOptions& options) {
  const int64_t size = options.tile_size;
  const auto rows = static_cast<int64_t>(samples.size());
  auto result = torch::empty({rows, kTileCount, kTileChannels, size, size}, torch::kFloat32);
  auto* pixel = result.mutable_data_ptr<float>();
  for (const Sample& sample : samples) {
    if (sample.tiles.pixels.empty()) {
      pixel = std::fill_n(pixel, kTileCount * kTileChannels * size * size, 0.0F);
    } else {
      pixel = std::ranges::copy(normalise(sample.tiles, options), pixel).out;
    }
  }
  return result;
}

}  // namespace

bool is_target(int64_t label) {
  return label != kIgnoreLabel && label != kQuestionLabel;
}

int64_t count_targets(std::span<const int64_t> labels) {
  return labels.empty() ? 0 : std::ranges::count_if(labels.subspan(1), is_target);
}

int64_t targets_within(std::span<const int64_t> ids, std::span<const int64_t> labels, const SequenceForm& form) {
  int64_t targets = 0;
  double position = 0;
  // The first placeholder of a row with a picture becomes its image tokens, wherever the picture is shown.
  bool picture_waits = std::ranges::find(ids, kImageToken) != ids.end();
  for (size_t i = 0; i < ids.size() && position < static_cast<double>(form.max_length); ++i) {
    if (i > 0 && is_target(labels[i])) ++targets;
    if (ids[i] != kImageToken && ids[i] != kLatentToken) {
      position += 1;
    } else {
      position += std::exchange(picture_waits, false) ? static_cast<double>(form.image_tokens) : form.query_len;
    }
  }
  return targets;
}

int64_t targets_within(const PreparedInput& input, const SequenceForm& form) {
  const int64_t width = input.input_ids.size(1);
  const auto row = [width](const torch::Tensor& tensor, int64_t i) {
    return std::span(tensor.const_data_ptr<int64_t>() + i * width, static_cast<size_t>(width));
  };
  int64_t targets = 0;
  for (int64_t i = 0; i < input.input_ids.size(0); ++i) {
    targets += targets_within(row(input.input_ids, i), row(input.labels, i), form);
  }
  return targets;
}

MicroBatch collate(std::span<const Sample> samples, const TileOptions& options, int64_t pad_id) {
  MicroBatch batch{.samples = static_cast<int64_t>(samples.size())};
  if (samples.empty()) return batch;
  batch.input.input_ids = padded(samples, &TokenizedPrompt::input_ids, pad_id);
  batch.input.attention_mask = mask(samples, batch.input.input_ids.size(1));
  batch.input.labels = padded(samples, &TokenizedPrompt::labels, kIgnoreLabel);
  batch.input.pixels = pixels(samples, options);
  batch.input.instruct_ids = padded(samples, &TokenizedPrompt::instruct_ids, kInstructPadding);
  batch.input.instruct_lengths = lengths(samples, &TokenizedPrompt::instruct_ids);
  for (const Sample& sample : samples) {
    batch.tokens += static_cast<int64_t>(sample.prompt.input_ids.size());
    batch.targets += count_targets(sample.prompt.labels);
    batch.ids.push_back(sample.id);
  }
  return batch;
}

}  // namespace fusion
