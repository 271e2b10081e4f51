#include <iomanip>
#include <sstream>

#include "foundation/core/number_text.h"
#include "foundation/core/text.h"
#include "workflows/evaluation/integration/modality_integration.h"

namespace fusion {

nlohmann::ordered_json integration_json(const ModalityIntegration& integration) {
  return {{"rate", integration.rate},
          {"layers", integration.layers},
          {"records", integration.records},
          {"left_out", integration.left_out},
          {"picture_states", integration.picture_states},
          {"text_states", integration.text_states}};
}

std::string integration_text(const ModalityIntegration& integration) {
  std::ostringstream out;
  out << "layer" << std::setw(12) << "distance" << "\n";
  for (size_t i = 0; i < integration.layers.size(); ++i) {
    out << std::setw(5) << i << std::setw(12) << decimal_text(integration.layers[i], 4) << "\n";
  }
  out << "Modality Integration Rate " << decimal_text(integration.rate, 3)
      << ": log10 of the sum, lower is better mixed\n"
      << whole_text(integration.picture_states) << " image tokens and " << whole_text(integration.text_states)
      << " words of " << whole_text(integration.records) << " records";
  if (integration.left_out > 0) out << "; " << whole_text(integration.left_out) << " broken or too long ones left out";
  out << "\n";
  return out.str();
}

}  // namespace fusion
