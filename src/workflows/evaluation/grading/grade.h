#pragma once
// A model's answers to an exam, and what they are worth.

#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "pipeline/generation/assistant.h"
#include "workflows/evaluation/scoring/question_set.h"

namespace fusion {

struct GradedAnswer {
  std::string text;
  bool right = false;
  std::string without_picture;  ///< "" where nobody asked
  bool right_without_picture = false;
};

struct GradeOptions {
  Question blank;              ///< what all questions have in common: latent tokens, limits, sampling
  std::string picture_folder;  ///< where the questions' paths of pictures begin
  int64_t batch_size = 16;     ///< questions answered together: it changes no greedy answer
  /// Also asks every question about a grey picture of the same size: what is right then was not seen.
  bool with_blank_picture = true;
  std::vector<GradedAnswer> earlier = {};  ///< answers to the first questions, which are not asked again
};

struct KindScore {
  Score model;
  Score guess;          ///< guess_without_picture()
  Score blank_picture;  ///< of no questions where nobody asked
};

struct GradeReport {
  std::vector<GradedAnswer> answers;       ///< one for each question
  std::map<std::string, KindScore> kinds;  ///< by name
  KindScore all;
  bool cancelled = false;  ///< the report is then of the questions that were answered
};

struct GradeListener {
  std::function<void(uint64_t done, uint64_t total)> on_progress = {};
  std::function<void(std::span<const GradedAnswer>)> on_answers = {};  ///< of a batch, the questions in their order
  std::function<bool()> cancelled = {};
};

/// Asks the questions one by one, each as a conversation of its own, and compares the answers with
/// ExamQuestion::is_answered_by. Throws Error where a picture is missing or broken: a grade of fewer questions would be
/// another grade.
GradeReport grade(const Assistant& assistant, std::span<const ExamQuestion> questions, const GradeOptions& options,
                  const GradeListener& listener = {});

/// {"overall": 0.91, "all": {...}, "kinds": {"Color": {"model": score_json, "guess": ..., "blank_picture": ...}}}
nlohmann::ordered_json grade_json(const GradeReport& report);

/// A table: kinds, questions, the three scores, the model's with its interval.
std::string grade_text(const GradeReport& report);

}  // namespace fusion
