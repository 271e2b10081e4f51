#pragma once
// A loaded model with its tokenizer: pictures and questions in, words out.

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "pipeline/generation/generate.h"
#include "pipeline/generation/picture_encoder.h"
#include "pipeline/model/load_model.h"
#include "pipeline/preprocess/chat_template.h"
#include "pipeline/preprocess/conversation.h"
#include "pipeline/preprocess/picture.h"
#include "pipeline/preprocess/prompt.h"
#include "pipeline/preprocess/tokenizer.h"

namespace fusion {

struct AssistantOptions {
  LoadOptions load = {};
  uint64_t picture_cache_bytes = uint64_t{256} << 20;  ///< for features of earlier pictures; 0: none are kept
  /// A name of template_names(). Nothing: that of the checkpoint's family, or what a plain model's chat template asks
  /// for.
  std::string conversation_template = {};
  /// What the system says where a conversation brings no words for it; nothing: what a plain model's chat template
  /// says.
  std::string system = {};
};

/// One request. It owns its pictures and its words; the assistant keeps nothing of it but features of pictures.
struct Question {
  /// The conversation so far, the last turn the user's. A plain model's may begin with what the system says.
  std::vector<Turn> turns;
  std::vector<std::shared_ptr<const Picture>> pictures = {};  ///< one for each turn that shows one, in their order
  int64_t query_len = 0;                                      ///< latent tokens, see Assistant::latent_count()
  GenerationOptions generation = {};
  std::vector<std::string> stop_texts = {};  ///< each ends the answer, and is not part of it
};

/// Seconds spent, each stage by itself.
struct AnswerTimes {
  double picture = 0;      ///< tiles and vision tower
  double first_token = 0;  ///< from the request to the first token
  double total = 0;
};

struct Answer {
  std::string text = {};
  GenerationResult generation = {};
  int64_t encoded_tiles = 0;  ///< tiles that went through the tower for it; what was known already is not among them
  AnswerTimes times = {};     ///< of a batch: those of the whole batch
};

/// What a caller hears while answers are made. Every part may be left empty.
struct AnswerListener {
  ProgressObserver on_progress = {};
  /// Whole UTF-8 characters of the answer to a question of the batch; false ends it, and no more of it is told.
  std::function<bool(size_t question, const std::string& text)> on_text = {};
  std::function<bool()> cancelled = {};  ///< asked between tiles, layers and tokens; true ends all answers
};

/// Several threads may ask one assistant at once; each gets the answer that it would get alone.
class Assistant {
 public:
  /// Loads a checkpoint folder: FUSION's, or a plain Phi-3 or LLaMA one, which answers text only. Throws Error where a
  /// file is missing or wrong, where the tokenizer's vocabulary is not that of the embedding table (a plain model's
  /// table may have rows behind the last token, which are never chosen), and where no conversation template is known.
  Assistant(const std::string& folder, const AssistantOptions& options);

  /// Answers as the published evaluation tools do: the template of the checkpoint's family, the marked last prompt
  /// token of every question, the questions' text in the vision tower.
  /// Throws Error, before the tower runs, on a prompt that is too long, and where turns and pictures do not fit
  /// together; an Error also where the model's files have changed since they were mapped. Cancelled before its first
  /// token, an answer is empty.
  /// \param trace  see generate()
  Answer answer(const Question& question, const AnswerListener& listener = {}, const TraceScope& trace = {}) const;

  /// Answers several requests as one batch; they must have the same query_len.
  std::vector<Answer> answer_all(std::span<const Question> questions, const AnswerListener& listener = {},
                                 const TraceScope& trace = {}) const;

  /// The latent count that `detail` names, see fusion::latent_count(); 0 for a model without a vision tower.
  int64_t latent_count(const std::string& detail) const;

  /// Throws Error where another program has written into the model's files since they were mapped.
  void require_unchanged() const { model_.require_unchanged(); }

  bool sees() const { return model_.fusion != nullptr; }
  const LanguageConfig& config() const { return model_.language->language_config(); }
  const Tokenizer& tokenizer() const { return *tokenizer_; }
  const ConversationTemplate& conversation_template() const { return *chat_.format; }

 private:
  struct Request;
  Request prepare(const Question& question) const;
  SeenPictures look(const Request& request, const std::function<void(int64_t, int64_t)>& before_tile) const;
  Reading read(std::span<const Request> requests, const AnswerListener& listener, std::vector<Answer>& answers) const;

  LoadedModel model_;
  std::unique_ptr<Tokenizer> tokenizer_;
  ChatTemplate chat_;
  std::unique_ptr<PictureEncoder> encoder_;  // none for a model without a vision tower
};

/// The turns of a single question.
std::vector<Turn> single_question(const std::string& text, bool has_picture);

}  // namespace fusion
