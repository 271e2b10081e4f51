#pragma once
// How well picture and text states mix inside the decoder: the Modality Integration Rate (MIR, arXiv 2410.07167).

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/model/fusion_model.h"
#include "workflows/datasets/sample.h"

namespace fusion {

struct IntegrationOptions {
  int64_t records = 256;    ///< with a picture; fewer where the mixture has fewer
  int64_t states = 16'384;  ///< kept of each modality and layer, spread evenly over each record: bounds the memory
  std::string detail = "";  ///< how many latent tokens, see latent_count()
  std::function<void(uint64_t done, uint64_t total)> on_progress = {};
  std::function<bool()> cancelled = {};
};

struct ModalityIntegration {
  std::vector<double> layers;  ///< modality_distance() after each decoder layer
  double rate = 0;             ///< log10 of their sum; lower: better mixed
  int64_t records = 0;
  int64_t picture_states = 0;  ///< of each layer
  int64_t text_states = 0;
};

/// Runs records of a mixture through the model, answers included, and compares the states of the image tokens with those
/// of the words, after every decoder layer. Latent tokens, which are of both, count to neither.
/// Throws Error where no record has a picture or one cannot be read. \returns nothing where it was cancelled.
std::optional<ModalityIntegration> measure_integration(FusionModel& model, const SampleReader& reader,
                                                       const IntegrationOptions& options);

/// {"rate": 1.2, "layers": [..], "records": 256, ...}
nlohmann::ordered_json integration_json(const ModalityIntegration& integration);

/// A table: layers with their distances, then the rate.
std::string integration_text(const ModalityIntegration& integration);

}  // namespace fusion
