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
  /// With a picture, evenly from all of the mixture; fewer where it has fewer, and at most `states`.
  int64_t records = 256;
  /// Kept of each side and layer, evenly from each record: 2 * layers * states * hidden_size values of the model's
  /// dtype are in memory.
  int64_t states = 8'192;
  std::string detail = "";  ///< how many latent tokens, see latent_count()
  std::function<void(uint64_t done, uint64_t total)> on_progress = {};
  std::function<bool()> cancelled = {};
};

struct ModalityIntegration {
  std::vector<double> layers;  ///< modality_distance() after each decoder layer, the last one after the final norm
  double rate = 0;             ///< log10 of their sum; lower: better mixed
  int64_t records = 0;         ///< that were compared
  int64_t left_out = 0;        ///< broken ones, and those that the model would cut
  int64_t picture_states = 0;  ///< of each layer
  int64_t text_states = 0;
};

/// Runs records of a mixture through the model, answers included, and compares the states of the image tokens with
/// those of the words behind them, after every decoder layer. Latent tokens, which are of both, count to neither.
/// Throws Error where no record has a picture, or all are left out, and on a detail that the model does not have.
/// \returns nothing where it was cancelled.
std::optional<ModalityIntegration> measure_integration(FusionModel& model, const SampleReader& reader,
                                                       const IntegrationOptions& options);

/// {"rate": 1.2, "layers": [..], "records": 256, ...}
nlohmann::ordered_json integration_json(const ModalityIntegration& integration);

/// A table: layers with their distances, then the rate.
std::string integration_text(const ModalityIntegration& integration);

}  // namespace fusion
