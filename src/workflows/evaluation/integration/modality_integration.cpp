#include "workflows/evaluation/integration/modality_integration.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "foundation/nn/trace.h"
#include "pipeline/model/detail.h"
#include "workflows/datasets/micro_batch.h"
#include "workflows/evaluation/integration/modality_distance.h"

namespace fusion {

namespace {

/// Where the image tokens and where the words of one sequence stand.
struct Places {
  torch::Tensor pictures;  // [V] int64
  torch::Tensor words;     // [n] int64
};

Places places_of(const PreparedInput& input, const torch::Tensor& latents, int64_t image_tokens, int64_t length) {
  // The first placeholder becomes the image tokens, see substitute(); only words stand before it.
  const auto ids = input.input_ids[0];
  const int64_t begin = (ids.eq(kImageToken) | ids.eq(kLatentToken)).to(torch::kInt64).argmax().item<int64_t>();
  const int64_t end = std::min(begin + image_tokens, length);
  auto words = torch::ones({length}, torch::kBool);
  words.slice(0, begin, end) = false;
  words.index_fill_(0, latents.masked_select(latents >= 0), false);
  return {.pictures = torch::arange(begin, end), .words = words.nonzero().squeeze(1)};
}

/// At most `count` of them, evenly spread.
torch::Tensor thinned(const torch::Tensor& places, int64_t count) {
  if (places.size(0) <= count) return places;
  const auto kept = torch::arange(count) * places.size(0) / count;
  return places.index_select(0, kept.to(torch::kInt64));
}

/// States of one modality, layer by layer: a tensor [n, H] of each record.
using Collected = std::vector<std::vector<torch::Tensor>>;

int64_t rows_of(const std::vector<torch::Tensor>& parts) {
  return std::accumulate(parts.begin(), parts.end(), int64_t{0},
                         [](int64_t sum, const torch::Tensor& part) { return sum + part.size(0); });
}

std::vector<int64_t> records_with_pictures(const Mixture& mixture, int64_t count) {
  std::vector<int64_t> records;
  for (int64_t i = 0; i < mixture.size() && std::ssize(records) < count; ++i) {
    if (mixture.record(i).image) records.push_back(i);
  }
  if (!records.empty()) return records;
  throw Error({.who = "modality integration", .expected = "records with pictures", .got = cat(mixture.size(), " without")});
}

}  // namespace

std::optional<ModalityIntegration> measure_integration(FusionModel& model, const SampleReader& reader,
                                                       const IntegrationOptions& options) {
  const torch::NoGradGuard no_grad;
  const FusionConfig& config = model->config();
  const auto records = records_with_pictures(reader.mixture(), options.records);
  const int64_t share = std::max<int64_t>(1, options.states / std::ssize(records));
  Collected pictures(static_cast<size_t>(config.decoder.num_layers));
  Collected words(pictures.size());
  for (size_t k = 0; k < records.size(); ++k) {
    if (options.cancelled && options.cancelled()) return std::nullopt;
    const Sample sample = reader.read(records[k]);
    PreparedInput input = collate({&sample, 1}, reader.options().tiles(), reader.pad_id()).input;
    input.query_len = latent_count(config, options.detail);
    Trace trace;
    PreparedInput moved = on_device(input, model->options().device());
    moved.pixels = moved.pixels.to(model->options().dtype());
    model->forward(moved, TraceScope(&trace));
    const Places places = places_of(input, trace.at("prep.vision_pos").cpu(), config.num_image_tokens(),
                                    trace.at("llm.layer.0").size(1));
    const auto shown = thinned(places.pictures, share);
    const auto said = thinned(places.words, share);
    for (size_t i = 0; i < pictures.size(); ++i) {
      const auto states = trace.at(cat("llm.layer.", i))[0].to(torch::kCPU, torch::kFloat32);
      pictures[i].push_back(states.index_select(0, shown));
      words[i].push_back(states.index_select(0, said));
    }
    if (options.on_progress) options.on_progress(k + 1, records.size());
  }

  ModalityIntegration result;
  result.records = std::ssize(records);
  for (size_t i = 0; i < pictures.size(); ++i) {
    result.layers.push_back(modality_distance(torch::cat(pictures[i]), torch::cat(words[i])));
  }
  result.picture_states = rows_of(pictures.front());
  result.text_states = rows_of(words.front());
  result.rate = std::log10(std::accumulate(result.layers.begin(), result.layers.end(), 0.0));
  return result;
}

}  // namespace fusion
