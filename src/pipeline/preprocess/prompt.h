#pragma once
// From a conversation to the ids that a FUSION model reads.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pipeline/preprocess/conversation.h"
#include "pipeline/preprocess/tokenizer.h"

namespace fusion {

inline constexpr int64_t kIgnoreLabel = -100;    ///< no loss here
inline constexpr int64_t kImageToken = -200;     ///< stands for the picture's features
inline constexpr int64_t kLatentToken = -300;    ///< stands for the latent tokens of one question
inline constexpr int64_t kQuestionLabel = -400;  ///< marks the last prompt token of a question

/// One conversation as numbers.
struct TokenizedPrompt {
  std::vector<int64_t> input_ids = {};     ///< (T) with kImageToken and kLatentToken between
  std::vector<int64_t> labels = {};        ///< (T) target id, kIgnoreLabel or kQuestionLabel
  std::vector<int64_t> instruct_ids = {};  ///< (Q) question tokens for the vision tower; {0} where there is no picture
  /// Training: the rounds did not add up to the whole, so every label is kIgnoreLabel and the sample teaches nothing.
  bool labels_dropped = false;
};

/// Ids of a prompt in which `<image>` and `<latent_image>` are placeholders: the text is cut at them and the pieces are
/// tokenized apart, a leading BOS kept once (the reference's tokenizer_image_token).
std::vector<int64_t> tokenize_with_placeholders(const Tokenizer& tokenizer, const PromptText& prompt);

/// A message of a data set: `from` is "human" or "gpt".
struct DatasetMessage {
  std::string from = {};
  std::string value = {};
};

/// The turns of a data set's sample, as training reads them: messages before the first human one are dropped; with a
/// picture, `<image>` anywhere in a message moves to its front and white space at its ends goes. Throws Error where
/// speakers are unknown or do not alternate.
std::vector<Turn> turns_of_sample(std::span<const DatasetMessage> messages, bool has_image);

/// How a training sample is cut into ids.
struct TrainingPromptOptions {
  bool has_image = false;
  TextPolicy policy = TextPolicy::kLiteral;
  /// The reference compares the rounds with the whole only below this length; nothing: always.
  std::optional<int64_t> model_max_length = {};
};

/// A sample with its labels: prompts kIgnoreLabel, the last prompt token of each round kQuestionLabel, answers and
/// their end tokens kept. Defined for phi_3 and llama_3, the formats that FUSION was trained with; another one is an
/// Error.
TokenizedPrompt tokenize_for_training(const Tokenizer& tokenizer, const ConversationTemplate& format,
                                      std::span<const Turn> turns, const TrainingPromptOptions& options);

/// A conversation that the model is to answer: the last turn is the user's. Labels mark the last prompt token of every
/// question and are kIgnoreLabel elsewhere; in formats other than phi_3 and llama_3 only the last question is marked.
/// Throws Error on an empty turn.
TokenizedPrompt tokenize_for_answer(const Tokenizer& tokenizer, const ConversationTemplate& format,
                                    std::span<const Turn> turns, TextPolicy policy = TextPolicy::kLiteral);

}  // namespace fusion
