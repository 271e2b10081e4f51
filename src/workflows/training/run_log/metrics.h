#pragma once
// What a training run says about itself: one record a step, one a validation.

#include <cstdint>
#include <optional>
#include <tuple>

#include "foundation/config/fields.h"

namespace fusion {

/// One optimiser step. Losses are means over the global batch; all processes together count in tokens and samples.
struct StepMetrics {
  int64_t step = 0;  ///< 1 is the first
  double epoch = 0;  ///< passes over the data so far: 0.5 is half of the first
  double loss = 0;   ///< what was minimised: loss_ce + weight * (loss_cos_instruct + loss_cos_vision)
  double loss_ce = 0;
  std::optional<double> loss_cos_instruct = {};  ///< nothing where no question had a token
  double loss_cos_vision = 0;
  double learning_rate = 0;              ///< of the first parameter group
  std::optional<double> grad_norm = {};  ///< before clipping
  int64_t tokens = 0;                    ///< of this step
  int64_t samples = 0;                   ///< of this step
  double seconds = 0;                    ///< wall clock, of this step
  std::optional<int64_t> query_len = {};
  int64_t memory_bytes = 0;  ///< the most that was resident so far

  static constexpr auto fields() {
    return std::tuple(
        field("step", &StepMetrics::step, "optimiser steps done"),
        field("epoch", &StepMetrics::epoch, "passes over the data"),
        field("loss", &StepMetrics::loss, "what was minimised"),
        field("loss_ce", &StepMetrics::loss_ce, "next-token cross entropy"),
        field("loss_cos_instruct", &StepMetrics::loss_cos_instruct, "mapping loss of the question's tokens"),
        field("loss_cos_vision", &StepMetrics::loss_cos_vision, "mapping loss of the patches"),
        field("learning_rate", &StepMetrics::learning_rate, "of the first parameter group"),
        field("grad_norm", &StepMetrics::grad_norm, "length of the gradient before clipping"),
        field("tokens", &StepMetrics::tokens, "tokens of this step"),
        field("samples", &StepMetrics::samples, "samples of this step"),
        field("seconds", &StepMetrics::seconds, "wall clock of this step"),
        field("query_len", &StepMetrics::query_len, "latent tokens of this step"),
        field("memory_bytes", &StepMetrics::memory_bytes, "peak resident memory"));
  }
};

/// One pass over the validation mixture.
struct ValidationMetrics {
  int64_t step = 0;  ///< training steps done before it
  double loss = 0;
  double loss_ce = 0;
  int64_t samples = 0;
  double seconds = 0;                      ///< wall clock of the whole pass
  std::optional<double> exact_match = {};  ///< share of answers equal to the expected ones, 0 to 1

  static constexpr auto fields() {
    return std::tuple(field("step", &ValidationMetrics::step, "training steps done"),
                      field("loss", &ValidationMetrics::loss, "mean loss"),
                      field("loss_ce", &ValidationMetrics::loss_ce, "mean next-token cross entropy"),
                      field("samples", &ValidationMetrics::samples, "samples read"),
                      field("seconds", &ValidationMetrics::seconds, "wall clock of the pass"),
                      field("exact_match", &ValidationMetrics::exact_match, "share of exact answers"));
  }
};

}  // namespace fusion
