#pragma once
// How long an answer takes, stage by stage.

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/generation/assistant.h"

namespace fusion {

/// Seconds of one question's way to its answer.
struct StageTimes {
  double preparing = 0;             ///< words to tokens, picture to tiles
  std::vector<double> tiles = {};   ///< each tile through the tower that was not known already
  double prefill = 0;               ///< the decoder reads the prompt
  double first_token = 0;           ///< from the question to the first token
  std::vector<double> tokens = {};  ///< each further token
  int64_t prompt_positions = 0;
};

/// Asks and measures.
StageTimes measure_answer(const Assistant& assistant, const Question& question);

/// The middle one of the values, or the mean of the two in the middle; 0 of none.
double median(std::vector<double> values);

}  // namespace fusion
