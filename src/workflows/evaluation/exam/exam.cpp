#include "workflows/evaluation/exam/exam.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "foundation/config/json_file.h"
#include "foundation/config/output_file.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "workflows/synthesis/items/hex64.h"
#include "workflows/synthesis/run/synthesis_run.h"

namespace fusion {

namespace {

namespace fs = std::filesystem;

constexpr double kEverything = 1 - 1e-12;  // one is no share
/// To be raised where a recipe and its seed come to draw or ask something else than before: tests that were made by an
/// older program are then made anew.
constexpr int kWorldRevision = 3;
constexpr const char* kShippedTest = "test/recipe.yaml";

/// The first question whose picture is not there.
const ExamQuestion* missing_picture(const Exam& exam) {
  const auto missing = std::ranges::find_if(exam.questions, [&exam](const ExamQuestion& question) {
    std::error_code code;
    return !fs::exists(fs::path(exam.picture_folder) / question.image, code);
  });
  return missing == exam.questions.end() ? nullptr : &*missing;
}

/// False where it was stopped.
bool make_test(Recipe recipe, const std::string& folder, const ExamMaking& making) {
  recipe.export_options = {.validation = 0, .test = kEverything};
  fs::create_directories(folder);
  const auto limit = static_cast<uint64_t>(recipe.items);
  const RunOutcome outcome =
      run_recipe(recipe, {.folder = folder, .threads = making.threads, .open_model = making.open_model},
                 {.on_progress =
                      [&](const RunProgress& progress) {
                        const auto kept = static_cast<uint64_t>(progress.counts.kept);
                        if (making.on_progress) making.on_progress(std::min(kept, limit), limit);
                      },
                  .stop = making.stop});
  const RunEnd end = outcome.stages.end;
  if (end == RunEnd::kStopped) return false;
  if (end == RunEnd::kLimitReached) return true;
  throw Error({.who = folder,
               .expected = cat("a test of all ", limit, " items of the recipe"),
               .got = cat(outcome.kept(), ": ", run_end_text(end)),
               .hint = "lower `items`, or raise what ended it"});
}

}  // namespace

std::string test_of_model(const std::string& model_folder) {
  const std::string shipped = cat(model_folder, "/", kShippedTest);
  if (fs::exists(shipped)) return shipped;
  throw Error({.who = model_folder,
               .expected = cat("a test of its own, ", kShippedTest),
               .got = "none",
               .hint = "name one: a .jsonl that `fusion synth` wrote, or a recipe for it"});
}

bool is_recipe(const std::string& path) {
  const auto extension = fs::path(path).extension();
  return extension == ".yaml" || extension == ".yml";
}

std::string exam_folder_name(const Recipe& recipe, const std::string& program_version) {
  const std::string key = cat(program_version, " ", kWorldRevision, " ", recipe.seed, " ", recipe_digest(recipe));
  return cat("eval-", to_hex64(std::hash<std::string>()(key)));
}

Exam exam_of_records(const std::string& path) {
  Exam exam{.questions = read_question_set(path), .picture_folder = {}};
  const auto folder = fs::absolute(path).parent_path();
  const bool of_a_run = fs::exists(folder.parent_path() / exam.questions.front().image);
  exam.picture_folder = (of_a_run ? folder.parent_path() : folder).string();
  return exam;
}

Exam exam_of_recipe(Recipe recipe, const ExamMaking& making) {
  const std::string run = making.folder + "/run";
  const std::string records = run + "/data/test.jsonl";
  const std::string made = making.folder + "/exam.json";
  const nlohmann::json identity = {
      {"world", kWorldRevision}, {"recipe", recipe_digest(recipe)}, {"seed", recipe.seed}, {"items", recipe.items}};
  if (fs::exists(made)) {
    if (read_json_file(made) != identity) {
      throw Error({.who = made,
                   .expected = "the test of this recipe, with its seed and its number of items",
                   .got = "that of another one, or of another version of the program",
                   .hint = "name another folder with --work, or remove this one"});
    }
    if (fs::exists(records)) {
      Exam exam{.questions = read_question_set(records), .picture_folder = run};
      if (!missing_picture(exam)) return exam;
    }
  }
  // Where caches are cleaned, a part of what was made may be gone: the run draws it again.
  if (!make_test(std::move(recipe), run, making)) return {};
  write_text_file(made, identity.dump(2) + "\n");
  return {.questions = read_question_set(records), .picture_folder = run};
}

void require_pictures(const Exam& exam) {
  const ExamQuestion* const question = missing_picture(exam);
  if (question == nullptr) return;
  throw Error({.who = (fs::path(exam.picture_folder) / question->image).string(),
               .expected = cat("the picture of question ", printable(question->id)),
               .got = "no such file",
               .hint = "pictures are looked for beside the file of questions, and beside its folder"});
}

}  // namespace fusion
