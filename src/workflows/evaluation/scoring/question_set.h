#pragma once
// Questions with known answers: what a model is graded by.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "workflows/evaluation/scoring/score.h"

namespace fusion {

/// One question about one picture, asked by itself.
struct ExamQuestion {
  std::string id;        ///< "0000123-Color/2": the record's, and which of its rounds
  std::string kind;      ///< "Color"; "all" where the record has none
  std::string image;     ///< path, relative to the picture folder of whoever grades
  std::string question;  ///< without the picture's mark
  std::string answer;    ///< as the record has it
  std::string truth;     ///< the bare answer; that of the record where it has no other

  /// Whether the text says what the answer or the truth says.
  bool is_answered_by(std::string_view text) const;
};

/// The rounds of a .jsonl file's records (synthesis/export/llava_record.h), each as a question of its own; a round
/// whose truth is "" is open and left out. Throws Error with file and line on a record that is none, one without a
/// picture, and where no question is left.
std::vector<ExamQuestion> read_question_set(const std::string& path);

/// What is right of answers that look at no picture, learnt on one half of the questions and tried on the other, both
/// ways: the most frequent answer to the same words, and where there is none the most frequent one of the kind.
/// \return  for each question whether the guess is right
std::vector<bool> guess_without_picture(std::span<const ExamQuestion> questions);

}  // namespace fusion
