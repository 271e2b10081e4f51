#pragma once
// What a caller may hear of a request while it is served.

#include <cstdint>
#include <functional>

namespace fusion {

/// Where a request is.
enum class GenerationStage {
  kLooking,    ///< tiles go through the vision tower
  kReading,    ///< the decoder reads the prompt, layer by layer
  kAnswering,  ///< token by token
};

/// `done` of `total` tiles, layers or tokens.
struct GenerationProgress {
  GenerationStage stage;
  int64_t done;
  int64_t total;
};

using ProgressObserver = std::function<void(const GenerationProgress&)>;

/// Thrown where a request is given up between two tiles or layers. It never leaves an answer.
struct Cancelled {};

}  // namespace fusion
