#include "workflows/evaluation/integration/modality_integration.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "pipeline/model/detail.h"
#include "workflows/datasets/micro_batch.h"
#include "workflows/evaluation/integration/modality_distance.h"

namespace fusion {

namespace {

/// At most `count` of them, evenly spread.
torch::Tensor thinned(const torch::Tensor& places, int64_t count) {
  if (places.size(0) <= count) return places;
  return places.index_select(0, (torch::arange(count) * places.size(0)).div(count, "floor"));
}

/// The words behind the picture of a sequence of one row.
torch::Tensor words_behind(const MergedSequence& sequence, const torch::Tensor& image) {
  auto words = torch::ones({sequence.embeds.size(1)}, torch::kBool);
  words.slice(0, 0, image.max().item<int64_t>() + 1) = false;
  words.index_fill_(0, sequence.latent_positions[0].cpu(), false);
  return words.nonzero().squeeze(1);
}

/// Records with a picture, evenly from all of the mixture; broken ones have no length.
std::vector<int64_t> records_with_pictures(const Mixture& mixture, int64_t count) {
  std::vector<int64_t> all;
  const auto lengths = mixture.modality_lengths();
  for (int64_t i = 0; i < std::ssize(lengths); ++i) {
    if (lengths[static_cast<size_t>(i)] > 0) all.push_back(i);
  }
  if (all.empty()) {
    throw Error({.who = mixture.size() > 0 ? mixture.describe(0) : "the mixture",
                 .expected = "records with pictures",
                 .got = cat("none among ", mixture.size()),
                 .hint = "`fusion data check` shows what a mixture holds"});
  }
  std::vector<int64_t> chosen;
  const int64_t taken = std::min(count, std::ssize(all));
  for (int64_t i = 0; i < taken; ++i) chosen.push_back(all[static_cast<size_t>(i * std::ssize(all) / taken)]);
  return chosen;
}

class IntegrationMeter {
 public:
  IntegrationMeter(FusionModel& model, const SampleReader& reader, const IntegrationOptions& options)
      : model_(model),
        reader_(reader),
        options_(options),
        query_len_(latent_count(model->config(), options.detail)),
        sides_(static_cast<size_t>(layers())) {}

  std::optional<ModalityIntegration> measure() {
    // A record gives one state of each side at least.
    const auto records = records_with_pictures(reader_.mixture(), std::min(options_.records, options_.states));
    const int64_t share = std::max<int64_t>(1, options_.states / std::ssize(records));
    const uint64_t steps = records.size() + sides_.size();
    for (size_t k = 0; k < records.size(); ++k) {
      if (stopped()) return std::nullopt;
      collect(records[k], share);
      if (options_.on_progress) options_.on_progress(k + 1, steps);
    }
    if (result_.records == 0) {
      throw Error({.who = reader_.mixture().describe(records.front()),
                   .expected = "records that can be read and that the model takes whole",
                   .got = cat("none among ", records.size()),
                   .cause = reason_});
    }
    for (size_t i = 0; i < sides_.size(); ++i) {
      if (stopped()) return std::nullopt;
      const auto pictures = torch::cat(std::exchange(sides_[i].pictures, {}));
      const auto words = torch::cat(std::exchange(sides_[i].words, {}));
      result_.picture_states = pictures.size(0);
      result_.text_states = words.size(0);
      result_.layers.push_back(modality_distance(pictures, words));
      if (options_.on_progress) options_.on_progress(records.size() + i + 1, steps);
    }
    result_.rate = std::log10(std::accumulate(result_.layers.begin(), result_.layers.end(), 0.0));
    return std::move(result_);
  }

 private:
  /// States of one layer, a tensor [n, H] of each record.
  struct Sides {
    std::vector<torch::Tensor> pictures;
    std::vector<torch::Tensor> words;
  };

  int64_t layers() const { return model_->config().decoder.num_layers; }
  bool stopped() const { return options_.cancelled && options_.cancelled(); }

  void collect(int64_t record, int64_t share) {
    try {
      collect_sample(reader_.read(record), share);
      ++result_.records;
    } catch (const Error& error) {
      ++result_.left_out;
      if (reason_.empty()) reason_ = error.what();
    }
  }

  void collect_sample(const Sample& sample, int64_t share) {
    const FusionConfig& config = model_->config();
    PreparedInput input = collate({&sample, 1}, reader_.options().tiles(), reader_.pad_id()).input;
    input.query_len = query_len_;
    const int64_t length = uncut_length(input, config.num_image_tokens(), 1);
    if (length > config.max_length) {
      throw Error({.who = sample.id, .expected = cat("at most ", config.max_length, " positions"), .got = cat(length)});
    }
    input = on_device(std::move(input), model_->options().device());
    input.pixels = input.pixels.to(model_->options().dtype());
    const Reading reading = model_->read(input, /*with_pairs=*/false);
    const auto image = reading.sequence.image_positions[0].cpu();
    if (image.numel() == 0) throw Error({.who = sample.id, .expected = "a picture in the sequence", .got = "none"});
    const auto shown = thinned(image, share);
    const auto said = thinned(words_behind(reading.sequence, image), share);
    const auto keep = [&](int64_t layer, const torch::Tensor& hidden) {
      const auto states = hidden[0].cpu();
      sides_[static_cast<size_t>(layer)].pictures.push_back(states.index_select(0, shown));
      sides_[static_cast<size_t>(layer)].words.push_back(states.index_select(0, said));
    };
    const auto last =
        model_->decoder()->forward({.embeds = reading.sequence.embeds,
                                    .position_ids = reading.sequence.position_ids,
                                    .context_lengths = {reading.sequence.embeds.size(1)},
                                    .phase = Phase::kPrefill,
                                    .latents = reading.latents.windows.defined() ? &reading.latents : nullptr,
                                    .after_layer =
                                        [&](int64_t layer, const torch::Tensor& hidden) {
                                          if (layer + 1 < layers()) keep(layer, hidden);
                                        }},
                                   {});
    keep(layers() - 1, last);
  }

  FusionModel& model_;
  const SampleReader& reader_;
  const IntegrationOptions& options_;
  int64_t query_len_;
  std::vector<Sides> sides_;  // of each layer
  ModalityIntegration result_;
  std::string reason_;  // why the first record was left out
};

}  // namespace

std::optional<ModalityIntegration> measure_integration(FusionModel& model, const SampleReader& reader,
                                                       const IntegrationOptions& options) {
  const torch::NoGradGuard no_grad;
  return IntegrationMeter(model, reader, options).measure();
}

}  // namespace fusion
