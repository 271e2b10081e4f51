#pragma once
// A conversation that goes on: its turns, its pictures, and what becomes of a question that fails.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/generation/assistant.h"

namespace fusion {

/// A picture of a conversation, with the name that its user knows it by.
struct NamedPicture {
  std::shared_ptr<const Picture> picture;
  std::string name;
};

/// Not safe for several threads; several sessions may share one assistant.
///
///     ChatSession chat(answers_of(assistant), {.query_len = assistant.latent_count("")});
///     chat.show({.picture = cat, .name = "cat.jpg"});
///     chat.ask("What is the cat looking at?");
///     chat.ask("And what colour is it?");
class ChatSession {
 public:
  /// Answers a conversation whose last turn is the user's.
  using Answerer = std::function<Answer(const Question&, const AnswerListener&)>;

  /// \param blank  what each question begins as: latent tokens, generation options and stop texts
  ChatSession(Answerer answerer, Question blank);

  /// The next question shows this picture, or none; one that was waiting to be shown is forgotten.
  void show(std::optional<NamedPicture> picture) { waiting_ = std::move(picture); }
  const std::optional<NamedPicture>& waiting() const { return waiting_; }

  /// How closely later questions look.
  void set_query_len(int64_t query_len) { blank_.query_len = query_len; }

  /// Asks the next question, with all turns so far before it. A part of an answer that was cancelled stays as the
  /// answer. A question that got no word, or that ended in an exception, is dropped: turns and waiting picture are as
  /// before.
  Answer ask(const std::string& text, const AnswerListener& listener = {});

  /// Forgets turns and pictures.
  void clear();

  /// Questions and answers in turn.
  const std::vector<Turn>& turns() const { return turns_; }
  /// One for each turn that shows one, in their order.
  const std::vector<NamedPicture>& pictures() const { return pictures_; }

 private:
  Answerer answerer_;
  Question blank_;
  std::vector<Turn> turns_;
  std::vector<NamedPicture> pictures_;
  std::optional<NamedPicture> waiting_;
};

/// The answers of a model, which must outlive the result.
ChatSession::Answerer answers_of(const Assistant& assistant);

}  // namespace fusion
