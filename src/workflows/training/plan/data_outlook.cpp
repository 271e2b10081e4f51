#include "workflows/training/plan/data_outlook.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <set>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "pipeline/preprocess/conversation.h"
#include "pipeline/preprocess/tokenizer.h"
#include "workflows/datasets/batch_order.h"
#include "workflows/datasets/micro_batch.h"
#include "workflows/datasets/mixture.h"
#include "workflows/datasets/sample.h"
#include "workflows/training/loop/validation.h"

namespace fusion {

namespace {

constexpr int64_t kLongRecords = 32;   // that are looked at for the longest sequence
constexpr int64_t kOtherRecords = 96;  // and for the mean

struct LatentCounts {
  double smallest = 0;
  double largest = 0;
  double mean = 0;
};

LatentCounts latent_counts(const FusionConfig& model) {
  const auto& counts = model.query_lengths;
  const double sum = std::accumulate(counts.begin(), counts.end(), 0.0);
  return {.smallest = static_cast<double>(*std::ranges::min_element(counts)),
          .largest = static_cast<double>(*std::ranges::max_element(counts)),
          .mean = sum / static_cast<double>(counts.size())};
}

BatchShape assumed_shape(const FusionConfig& model, double length, double latents) {
  const double words = std::max(length - static_cast<double>(model.num_image_tokens()) - latents, 2.0);
  return {
      .samples = 1, .length = length, .instruct = words / 2, .questions = 1, .latents = latents, .targets = words / 2};
}

/// With fewer latents more of the answers stand before the cut.
BatchShape shape_of(const TokenizedPrompt& prompt, const FusionConfig& model, double latents, double fewest_latents) {
  const auto images = static_cast<double>(std::ranges::count(prompt.input_ids, kImageToken));
  const auto questions = static_cast<double>(std::ranges::count(prompt.input_ids, kLatentToken));
  const auto ids = static_cast<double>(prompt.input_ids.size());
  const double length =
      ids - images - questions + images * static_cast<double>(model.num_image_tokens()) + questions * latents;
  return {
      .samples = 1,
      .length = std::min(length, static_cast<double>(model.max_length)),
      .instruct = static_cast<double>(prompt.instruct_ids.size()),
      .questions = std::max(questions, 1.0),
      .latents = latents,
      .targets = static_cast<double>(targets_within(
          prompt.input_ids, prompt.labels,
          {.image_tokens = model.num_image_tokens(), .query_len = fewest_latents, .max_length = model.max_length}))};
}

constexpr std::array<double BatchShape::*, 4> kMeasured = {&BatchShape::length, &BatchShape::instruct,
                                                           &BatchShape::questions, &BatchShape::targets};

/// The records with most words.
std::vector<int64_t> longest_records(std::span<const int32_t> lengths) {
  std::vector<int64_t> records(lengths.size());
  std::iota(records.begin(), records.end(), 0);
  const size_t count = std::min<size_t>(kLongRecords, records.size());
  std::ranges::partial_sort(records, records.begin() + static_cast<ptrdiff_t>(count), std::ranges::greater(),
                            [&](int64_t record) { return std::abs(int64_t{lengths[static_cast<size_t>(record)]}); });
  records.resize(count);
  return records;
}

/// Some at even distances.
std::vector<int64_t> other_records(int64_t size) {
  std::vector<int64_t> records;
  const int64_t count = std::min(kOtherRecords, size);
  for (int64_t i = 0; i < count; ++i) records.push_back(i * size / count);
  return records;
}

class Looker {
 public:
  Looker(const SampleReader& reader, const FusionConfig& model, LatentCounts latents)
      : reader_(reader), model_(model), latents_(latents) {}

  /// Shapes of the records that are not broken.
  std::vector<BatchShape> shapes(const std::vector<int64_t>& records, double latents, double fewest_latents) {
    std::vector<BatchShape> result;
    for (const int64_t record : records) {
      try {
        result.push_back(shape_of(reader_.read_prompt(record), model_, latents, fewest_latents));
      } catch (const Error& error) {
        if (broken_.insert(record).second && first_broken_.empty()) first_broken_ = error.what();
      }
    }
    return result;
  }

  void look(DataOutlook& outlook) {
    const Mixture& mixture = reader_.mixture();
    auto records = longest_records(mixture.modality_lengths());
    const auto others = other_records(mixture.size());
    const std::vector<BatchShape> ordinary = shapes(others, latents_.mean, latents_.mean);
    records.insert(records.end(), others.begin(), others.end());
    const std::vector<BatchShape> all = shapes(records, latents_.largest, latents_.smallest);
    if (ordinary.empty()) {
      throw Error({.who = mixture.describe(0),
                   .expected = "records that can be read",
                   .got = cat("none among ", all.size() + broken_.size()),
                   .cause = first_broken_});
    }
    outlook.measured = true;
    outlook.ordinary = {.samples = 1, .questions = 0, .latents = latents_.mean};
    outlook.longest = {.samples = 1, .latents = latents_.largest};
    for (double BatchShape::* const size : kMeasured) {
      for (const BatchShape& shape : ordinary) {
        outlook.ordinary.*size += shape.*size / static_cast<double>(ordinary.size());
      }
      for (const BatchShape& shape : all) outlook.longest.*size = std::max(outlook.longest.*size, shape.*size);
    }
    const std::set<int64_t> distinct(records.begin(), records.end());
    outlook.notes.push_back(cat("lengths are those of ", distinct.size(), " of ", mixture.size(), " records, the ",
                                std::min(kLongRecords, mixture.size()), " with most words among them"));
    if (!broken_.empty()) {
      outlook.notes.push_back(cat(broken_.size(), " of these are broken, the first: ", first_broken_));
    }
  }

 private:
  const SampleReader& reader_;
  const FusionConfig& model_;
  LatentCounts latents_;
  std::set<int64_t> broken_;
  std::string first_broken_;
};

void assume_lengths(const FusionConfig& model, LatentCounts latents, const AssumedData& assumed, DataOutlook& outlook) {
  const auto most = static_cast<double>(model.max_length);
  const double ordinary = assumed.length ? std::min(static_cast<double>(*assumed.length), most) : most;
  outlook.longest = assumed_shape(model, most, latents.largest);
  outlook.ordinary = assumed_shape(model, ordinary, latents.mean);
  outlook.notes.push_back(assumed.length ? cat("sequences are taken to be ", *assumed.length, " positions long")
                                         : cat("every sequence is taken to be ", model.max_length,
                                               " positions long: compute and time are upper bounds"));
}

void look_at_validation(const TrainConfig& config, DataOutlook& outlook) {
  if (!config.validation) return;
  if (std::filesystem::exists(config.validation->mixture)) {
    open_validation_mixture(config);
  } else {
    outlook.notes.push_back(cat("no data to validate with at ", config.validation->mixture));
  }
}

}  // namespace

DataOutlook look_at_data(const TrainConfig& config, const FusionConfig& model, const std::string& model_folder,
                         const AssumedData& assumed) {
  const LatentCounts latents = latent_counts(model);
  DataOutlook outlook;
  look_at_validation(config, outlook);
  if (!std::filesystem::exists(config.data.mixture)) {
    outlook.notes.push_back(cat("no data at ", config.data.mixture));
    outlook.records = assumed.records;
    if (assumed.records) {
      outlook.steps_per_epoch = (*assumed.records + config.batch_size - 1) / config.batch_size;
    }
    assume_lengths(model, latents, assumed, outlook);
    return outlook;
  }
  const auto mixture = Mixture::open(
      config.data.mixture, {.image_roots = config.data.image_roots, .seed = static_cast<uint64_t>(config.seed)});
  outlook.records = mixture->size();
  outlook.steps_per_epoch =
      BatchOrder(mixture->modality_lengths(), {.batch_size = config.batch_size,
                                               .micro_batch_size = config.micro_batch_size,
                                               .seed = static_cast<uint64_t>(config.seed),
                                               .group_by_modality_length = config.data.group_by_modality_length})
          .steps_per_epoch();
  if (model_folder.empty()) {
    outlook.notes.emplace_back("there is no tokenizer yet: lengths are assumed");
    assume_lengths(model, latents, assumed, outlook);
    return outlook;
  }
  const VisionConfig& vision = model.vision;
  const auto tokenizer = load_tokenizer(model_folder);
  const SampleReader reader(mixture, *tokenizer, default_template(model.model_type),
                            {.tile_size = vision.image_size,
                             .mean = vision.image_mean,
                             .std = vision.image_std,
                             .max_length = model.max_length});
  Looker(reader, model, latents).look(outlook);
  return outlook;
}

}  // namespace fusion
