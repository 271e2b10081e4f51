#include "workflows/synthesis/agreement/checkpoint_agreement.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <memory>
#include <utility>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "pipeline/preprocess/decode.h"

namespace fusion {

namespace {

constexpr int64_t kAnswerTokens = 4;
constexpr size_t kMaxSentences = 16;

/// The sentences of a text, which end with a full stop before a space or the end.
std::vector<std::string> sentences_of(const std::string& text) {
  std::vector<std::string> sentences;
  for (size_t begin = 0; begin < text.size() && sentences.size() < kMaxSentences;) {
    const size_t stop = text.find(". ", begin);
    const size_t end = stop == std::string::npos ? text.size() : stop + 1;
    if (word_count(std::string_view(text).substr(begin, end - begin)) > 0) {
      sentences.push_back(text.substr(begin, end - begin));
    }
    begin = stop == std::string::npos ? text.size() : stop + 2;
  }
  return sentences;
}

}  // namespace

std::vector<std::string> agreement_questions(const Item& item) {
  constexpr std::array<std::string_view, 2> kSides = {"In the left half of the picture: ",
                                                      "In the right half of the picture: "};
  std::vector<std::string> questions;
  for (size_t i = 0; i < item.descriptions.size(); ++i) {
    const bool compared = item.descriptions.size() == kSides.size();
    for (const std::string& sentence : sentences_of(item.descriptions[i])) {
      questions.push_back(
          cat("Is this true of the picture? ", compared ? kSides[i] : "", sentence, " Answer with yes or no."));
    }
  }
  return questions;
}

double agreement_of_answer(std::string_view answer) {
  std::string word;
  for (const char c : answer) {
    if (std::isalpha(static_cast<unsigned char>(c)) != 0) {
      word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    } else if (!word.empty()) {
      break;
    }
  }
  if (word == "yes") return 1;
  return word == "no" ? 0 : 0.5;
}

CheckpointAgreement::CheckpointAgreement(const std::string& folder, const AssistantOptions& options)
    : assistant_(folder, options) {
  if (assistant_.sees()) return;
  throw Error({.who = folder,
               .expected = "a FUSION checkpoint, which sees pictures",
               .got = "a plain language model",
               .hint = "name another folder as agreement.model"});
}

std::unique_ptr<AgreementModel> open_checkpoint_agreement(const std::string& folder) {
  return std::make_unique<CheckpointAgreement>(folder, AssistantOptions{});
}

double CheckpointAgreement::agreement(const Item& item, const EncodedPicture& picture, const CallContext& context) {
  const std::vector<std::string> questions = agreement_questions(item);
  if (questions.empty()) return 0;
  const auto pixels =
      std::make_shared<const Picture>(decode_picture(picture.bytes, cat("the picture of item ", item.id)));
  const std::scoped_lock lock(asking_);
  double sum = 0;
  for (const std::string& question : questions) sum += ask(question, pixels, context);
  ++context.usage->calls;
  return sum / static_cast<double>(questions.size());
}

double CheckpointAgreement::ask(const std::string& question, const std::shared_ptr<const Picture>& picture,
                                const CallContext& context) const {
  if (context.stop.stop_requested()) {
    throw CallFailed({.who = "the agreement model", .expected = "to be asked", .got = "a stop of the run"});
  }
  GenerationOptions generation{.max_new_tokens = kAnswerTokens};
  generation.sampling.temperature = 0;
  const Answer answer = assistant_.answer({.turns = single_question(question, /*has_picture=*/true),
                                           .pictures = {picture},
                                           .query_len = assistant_.latent_count("fast"),
                                           .generation = generation});
  context.usage->output_tokens += static_cast<int64_t>(answer.generation.ids.size());
  context.usage->input_tokens += answer.generation.prompt_length;
  return agreement_of_answer(answer.text);
}

}  // namespace fusion
