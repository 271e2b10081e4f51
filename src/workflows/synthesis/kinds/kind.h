#pragma once
// What a kind of question-answer data is: FUSION's five alignment and seven instruction kinds, and a user's own.

#include <cstdint>
#include <string>
#include <vector>

namespace fusion {

/// How the embedded grammar asks one thing and answers it. Slots stand in braces: {noun}, {color} ...; which ones there
/// are depends on the query.
struct QuestionForms {
  std::string query;                   ///< name of a query of the embedded world: "color", "count", "relation" ...
  double weight = 1;                   ///< how often it is taken, against the kind's other queries
  std::vector<std::string> questions;  ///< one is drawn
  std::vector<std::string> answers;    ///< one is drawn; "{answer}" is the bare truth
};

struct Kind {
  std::string name;    ///< "Color"
  std::string family;  ///< "alignment" or "instruction"
  std::string help;    ///< one line: what it teaches
  /// What the embedded world's scene dwells on: "color", "count", "spatial", "scene", "text" or "any".
  std::string focus;
  int64_t pictures = 1;  ///< 2: the item's picture shows two scenes side by side, which are compared
  int64_t min_rounds = 1;
  int64_t max_rounds = 1;
  int64_t options = 0;           ///< of a choice; 0: no options
  int64_t min_answer_words = 1;  ///< answers outside of these are dropped
  int64_t max_answer_words = 200;
  /// Prompts for a text model, with the slots {caption}, {description}, {descriptions}, {rounds}, {options},
  /// {min_answer_words}, {max_answer_words}.
  std::string expand_prompt;
  std::string ask_prompt;
  std::vector<QuestionForms> grammar;  ///< empty: only a text model writes this kind
};

}  // namespace fusion
