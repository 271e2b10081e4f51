#include "pipeline/model/reading.h"

#include <torch/types.h>

#include "foundation/core/error.h"

namespace fusion {

Reading read_words(LanguageModelImpl& model, const PreparedInput& input) {
  if (input.input_ids.lt(0).any().item<bool>()) {
    throw Error({.who = "prompt",
                 .expected = "words, for this model has no vision tower",
                 .got = "a place for a picture or for latent tokens"});
  }
  const auto& ids = input.input_ids;
  Reading reading;
  MergedSequence& sequence = reading.sequence;
  sequence.embeds = model.decoder()->embed(ids);
  sequence.labels = input.labels;
  sequence.attention_mask = input.attention_mask;
  sequence.position_ids = torch::arange(ids.size(1), ids.options()) * input.attention_mask;
  sequence.question_positions = torch::full({ids.size(0), 1}, -1, ids.options());
  sequence.latent_positions = sequence.question_positions;
  sequence.latent_pictures = torch::zeros_like(sequence.question_positions);
  return reading;
}

}  // namespace fusion
