#pragma once
// What a kind of question-answer data is: FUSION's five alignment and seven instruction kinds, and a user's own.

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "foundation/config/fields.h"

namespace fusion {

/// How the embedded grammar asks one thing and answers it. Slots stand in braces: {noun}, {color} ...; which ones there
/// are depends on the query.
struct QuestionForms {
  std::string query;                   ///< name of a query of the embedded world: "color", "count", "relation" ...
  double weight = 1;                   ///< how often it is taken, against the kind's other queries
  std::vector<std::string> questions;  ///< one is drawn
  std::vector<std::string> answers;    ///< one is drawn; "{answer}" is the bare truth
  std::vector<std::string> closings;   ///< one is drawn and put behind the question; may be empty, or hold ""
};

struct Kind {
  std::string name;    ///< "Color"
  std::string family;  ///< "alignment" or "instruction"
  std::string help;    ///< one line: what it teaches
  /// What the embedded world's scene dwells on: "color", "count", "spatial", "scene", "text" or "any".
  std::string focus = "any";
  int64_t pictures = 1;  ///< 2: the item's picture shows two scenes side by side, which are compared
  int64_t min_rounds = 1;
  int64_t max_rounds = 1;
  int64_t options = 0;           ///< of a choice; 0: no options
  int64_t min_answer_words = 1;  ///< answers outside of these are dropped
  int64_t max_answer_words = 200;
  /// Prompts for a text model; prompts.h lists their slots.
  std::string expand_prompt;
  std::string ask_prompt;
  std::vector<QuestionForms> grammar;  ///< empty: only a text model writes this kind

  /// All but the grammar: kind_file.h reads that.
  static constexpr auto fields() {
    return std::tuple(
        field("name", &Kind::name, "of the kind, as recipes and records have it"),
        field("family", &Kind::family, "alignment or instruction"),
        field("help", &Kind::help, "one line: what it teaches"),
        defaulted("focus", &Kind::focus, "what the scene dwells on: color, count, spatial, scene, text or any"),
        defaulted("pictures", &Kind::pictures, "1, or 2 that are compared"),
        defaulted("min_rounds", &Kind::min_rounds, "questions in a conversation, at least"),
        defaulted("max_rounds", &Kind::max_rounds, "and at most"),
        defaulted("options", &Kind::options, "of a choice, 2 to 8; 0 for none"),
        defaulted("min_answer_words", &Kind::min_answer_words, "words of an answer, at least"),
        defaulted("max_answer_words", &Kind::max_answer_words, "and at most"),
        field("expand_prompt", &Kind::expand_prompt, "asks a text model for descriptions"),
        field("ask_prompt", &Kind::ask_prompt, "asks a text model for a conversation"));
  }
};

}  // namespace fusion
