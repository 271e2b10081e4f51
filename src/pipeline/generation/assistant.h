#pragma once
// A loaded model with its tokenizer: pictures and questions in, words out.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/generation/generate.h"
#include "pipeline/model/load_model.h"
#include "pipeline/preprocess/conversation.h"
#include "pipeline/preprocess/picture.h"
#include "pipeline/preprocess/tokenizer.h"

namespace fusion {

/// One request. It owns its picture and its words; the assistant keeps nothing of it.
struct Question {
  std::vector<Turn> turns;           ///< the conversation so far, the last turn the user's
  const Picture* picture = nullptr;  ///< none: text only
  int64_t query_len = 0;             ///< latent tokens, see latent_count()
  GenerationOptions generation = {};
};

/// Seconds spent, each stage by itself.
struct AnswerTimes {
  double picture = 0;      ///< tiles and vision tower
  double first_token = 0;  ///< from the request to the first token
  double total = 0;
};

struct Answer {
  std::string text;
  GenerationResult generation;
  AnswerTimes times;
};

/// What a caller hears while an answer is made. Every part may be left empty.
struct AnswerListener {
  std::function<void(GenerationStage)> on_stage = {};
  std::function<bool(const std::string& text)> on_text = {};  ///< whole UTF-8 characters; false cancels
};

/// Not for several threads at once, apart from the const functions.
class Assistant {
 public:
  /// Loads a checkpoint folder. Throws Error where a file is missing or wrong, and where the tokenizer's vocabulary is
  /// not that of the embedding table.
  Assistant(const std::string& folder, const LoadOptions& options);

  /// Answers as the published evaluation tools do: the template of the checkpoint's family, the marked last prompt
  /// token of every question, the questions' text in the vision tower.
  Answer answer(const Question& question, const AnswerListener& listener = {});

  const FusionConfig& config() const { return model_->config(); }
  const Tokenizer& tokenizer() const { return *tokenizer_; }
  const ConversationTemplate& conversation_template() const { return *format_; }

 private:
  PreparedInput prepare(const Question& question) const;
  torch::Tensor pixels_of(const Picture* picture) const;

  FusionModel model_;
  std::unique_ptr<Tokenizer> tokenizer_;
  const ConversationTemplate* format_;
};

/// The turns of a single question.
std::vector<Turn> single_question(const std::string& text, bool has_picture);

}  // namespace fusion
