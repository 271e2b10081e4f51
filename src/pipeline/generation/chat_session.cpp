#include "pipeline/generation/chat_session.h"

#include <utility>

namespace fusion {

ChatSession::ChatSession(Answerer answerer, Question blank)
    : answerer_(std::move(answerer)), blank_(std::move(blank)) {}

Answer ChatSession::ask(const std::string& text, const AnswerListener& listener) {
  Question question = blank_;
  question.turns = turns_;
  question.turns.push_back({.speaker = Speaker::kUser, .text = text, .picture = waiting_.has_value()});
  std::vector<NamedPicture> shown = pictures_;
  if (waiting_) shown.push_back(*waiting_);
  for (const NamedPicture& picture : shown) question.pictures.push_back(picture.picture);

  Answer answer = answerer_(question, listener);
  // Without words it could not stand in the next prompt.
  if (answer.text.empty()) return answer;
  question.turns.push_back({.speaker = Speaker::kAssistant, .text = answer.text});
  pictures_ = std::move(shown);
  waiting_.reset();
  turns_ = std::move(question.turns);
  return answer;
}

void ChatSession::clear() {
  turns_.clear();
  pictures_.clear();
  waiting_.reset();
}

ChatSession::Answerer answers_of(const Assistant& assistant) {
  return [&assistant](const Question& question, const AnswerListener& listener) {
    return assistant.answer(question, listener);
  };
}

}  // namespace fusion
