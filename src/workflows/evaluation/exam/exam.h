#pragma once
// The test that a model is graded by: questions, and where their pictures are.

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "workflows/evaluation/scoring/question_set.h"
#include "workflows/synthesis/run/recipe.h"
#include "workflows/synthesis/run/run_roles.h"

namespace fusion {

struct Exam {
  std::vector<ExamQuestion> questions;
  std::string picture_folder;  ///< where the questions' paths of pictures begin
};

/// What a recipe's test is made with.
struct ExamMaking {
  /// For the pictures and questions of a recipe, a run of `fusion synth` in FOLDER/run. A folder that has them already,
  /// as its exam.json says, is only read.
  std::string folder = {};
  int64_t threads = 0;                 ///< 0: one a core
  OpenAgreementModel open_model = {};  ///< for recipes with agreement.model
  std::function<void(uint64_t done, uint64_t total)> on_progress = {};
  std::stop_token stop = {};
};

/// The test in the folder of a model, test/recipe.yaml. Throws Error where there is none.
std::string test_of_model(const std::string& model_folder);

/// Whether the path names a recipe (.yaml, .yml) rather than records.
bool is_recipe(const std::string& path);

/// A name for the folder of a recipe's pictures: another one for another recipe, and for another version of the
/// program, which may draw other pictures.
std::string exam_folder_name(const Recipe& recipe, const std::string& program_version);

/// Throws Error where a picture of the questions is missing.
void require_pictures(const Exam& exam);

/// The records of a .jsonl file. Their pictures lie where `fusion synth` puts them: beside the file's folder, else
/// beside the file. Throws Error as read_question_set does.
Exam exam_of_records(const std::string& path);

/// Makes all that the recipe describes, whatever share it keeps for tests itself, or takes what an earlier call made.
/// Throws Error where the folder has the test of another recipe, and where it comes to fewer items than the recipe asks
/// for: a grade of fewer questions would be another grade. \returns no questions where it was stopped
Exam exam_of_recipe(Recipe recipe, const ExamMaking& making);

}  // namespace fusion
