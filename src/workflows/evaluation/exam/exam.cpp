#include "workflows/evaluation/exam/exam.h"

#include <algorithm>
#include <filesystem>
#include <functional>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "workflows/synthesis/items/hex64.h"
#include "workflows/synthesis/run/synthesis_run.h"

namespace fusion {

namespace {

namespace fs = std::filesystem;

constexpr double kEverything = 1 - 1e-12;  // one is no share
constexpr const char* kShippedTest = "test/recipe.yaml";

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
  const std::string key = cat(program_version, " ", recipe.seed, " ", recipe_digest(recipe));
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
  recipe.export_options = {.validation = 0, .test = kEverything};
  fs::create_directories(making.folder);
  const auto limit = static_cast<uint64_t>(recipe.items);
  const RunOutcome outcome = run_recipe(recipe, {.folder = making.folder, .threads = making.threads},
                                        {.on_progress =
                                             [&](const RunProgress& progress) {
                                               const auto kept = static_cast<uint64_t>(progress.counts.kept);
                                               if (making.on_progress) making.on_progress(std::min(kept, limit), limit);
                                             },
                                         .stop = making.stop});
  if (outcome.stages.end == RunEnd::kStopped) return {};
  return {.questions = read_question_set(making.folder + "/data/test.jsonl"), .picture_folder = making.folder};
}

}  // namespace fusion
