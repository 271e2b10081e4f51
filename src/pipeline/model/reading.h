#pragma once
// A batch as the decoder reads it.

#include "pipeline/decoder/interaction.h"
#include "pipeline/model/language_model.h"
#include "pipeline/model/losses.h"
#include "pipeline/model/prepared_input.h"
#include "pipeline/model/substitution.h"

namespace fusion {

/// A batch ready for the decoder. The request owns it; nothing of it stays on the model.
struct Reading {
  MergedSequence sequence;
  LatentContext latents;  ///< windows undefined: nothing to look at
  MappingPairs pairs;     ///< what only the mapping losses need, where it was asked for
};

/// Words alone, for a model without a vision tower.
/// Throws Error on a placeholder.
Reading read_words(LanguageModelImpl& model, const PreparedInput& input);

}  // namespace fusion
