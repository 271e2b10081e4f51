#pragma once
// A kind as a YAML file, which a user can copy, edit and name in a recipe: definitions/*.yaml are the built-in ones.
//
//     name: Color
//     family: alignment
//     help: ...
//     focus: color
//     expand_prompt: |
//       ...
//     ask_prompt: |
//       ...
//     closings: ["", Answer briefly.]     # put behind questions with short answers, in place of the shared ones
//     grammar:
//       - query: color                    # asked in the forms of definitions/forms.yaml
//         style: short                    # short (default), sentence or detailed: which of their answers
//       - query: count
//         weight: 0.5
//         questions: ["How many {nouns} can you count?"]
//         answers: ["I can count {answer}."]

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "workflows/synthesis/kinds/kind.h"

namespace fusion {

/// The forms of one query that a kind takes where it gives none of its own.
struct SharedForms {
  std::vector<std::string> questions;
  std::vector<std::string> short_answers;
  std::vector<std::string> sentence_answers;
  std::vector<std::string> detailed_answers;
  std::vector<std::string> closings;

  static constexpr auto fields() {
    return std::tuple(field("questions", &SharedForms::questions, "ways to ask"),
                      defaulted("short", &SharedForms::short_answers, "answers of a word or a few"),
                      defaulted("sentence", &SharedForms::sentence_answers, "answers of one sentence"),
                      defaulted("detailed", &SharedForms::detailed_answers, "answers of two sentences or more"),
                      defaulted("closings", &SharedForms::closings, "put behind questions with short answers"));
  }
};

/// By the name of the query.
using SharedFormsMap = std::map<std::string, SharedForms, std::less<>>;

/// The kind that a YAML text spells. Throws Error about `who`, usually the file, on an unknown key, a missing one,
/// another type, a number out of its range, a prompt's unknown slot, and a query with no forms, own or shared. Whether
/// there is such a query, and its forms' slots, are checked by the grammar that asks it.
Kind read_kind(std::string_view text, const std::string& who, const SharedFormsMap& shared);

/// Throws Error about `who` where the kind's values do not fit together.
void check_kind(const Kind& kind, const std::string& who);

/// A YAML map from queries to their forms.
SharedFormsMap read_shared_forms(std::string_view text, const std::string& who);

}  // namespace fusion
