// fusion eval: a model's grade on questions whose answers are known.

#include <filesystem>
#include <iostream>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "foundation/config/output_file.h"
#include "foundation/core/progress.h"
#include "foundation/core/text.h"
#include "fusion/commands.h"
#include "fusion/flag_checks.h"
#include "fusion/interrupt.h"
#include "fusion/runtime_options.h"
#include "fusion/terminal_output.h"
#include "fusion/usage_error.h"
#include "fusion/user_file.h"
#include "pipeline/model/detail.h"
#include "workflows/evaluation/exam/exam.h"
#include "workflows/evaluation/grading/grade.h"
#include "workflows/evaluation/grading/grade_record.h"
#include "workflows/inference/named_model.h"
#include "workflows/synthesis/agreement/checkpoint_agreement.h"

namespace fusion::app {

namespace {

struct EvalFlags {
  std::string model = "nano";
  std::string test;
  std::string work;
  std::string answers;
  std::string detail;
  int64_t limit = 0;
  int64_t batch = 16;
  bool without_blank = false;
  bool json = false;
  bool quiet = false;
  RuntimeOptions runtime;
};

/// A folder for the pictures that the recipe describes: they are made once.
std::string work_folder(const EvalFlags& flags, const Recipe& recipe) {
  if (!flags.work.empty()) return flags.work;
  const std::string name = exam_folder_name(recipe, FUSION_VERSION);
  const std::string cache = user_file("XDG_CACHE_HOME", ".cache", name.c_str());
  return cache.empty() ? (std::filesystem::temp_directory_path() / name).string() : cache;
}

Exam make_exam(const EvalFlags& flags, const Recipe& recipe, const InterruptGuard& guard) {
  ProgressBar bar(std::cerr, counted_progress("making the test", flags.quiet || flags.json));
  std::stop_source stop;
  Exam exam = exam_of_recipe(recipe, {.folder = work_folder(flags, recipe),
                                      .threads = flags.runtime.threads,
                                      .open_model = open_checkpoint_agreement,
                                      .on_progress =
                                          [&](uint64_t done, uint64_t total) {
                                            bar.update(done, total);
                                            if (guard.interrupted()) stop.request_stop();
                                          },
                                      .stop = stop.get_token()});
  if (exam.questions.empty()) throw Interrupted();
  return exam;
}

/// The file or recipe that is asked for, or the one that came with the model.
Exam open_exam(const EvalFlags& flags, const std::string& model, const InterruptGuard& guard) {
  const std::string path = flags.test.empty() ? test_of_model(model) : flags.test;
  Exam exam = is_recipe(path) ? make_exam(flags, read_recipe(path), guard) : exam_of_records(path);
  if (flags.limit > 0 && flags.limit < std::ssize(exam.questions)) {
    exam.questions.resize(static_cast<size_t>(flags.limit));
  }
  require_pictures(exam);
  return exam;
}

/// Before all else: what cannot be written should not cost the grade.
void check_answers_file(const EvalFlags& flags) {
  std::error_code code;
  if (std::filesystem::equivalent(flags.test, flags.answers, code)) {
    throw UsageError({.who = "--answers", .expected = "another file than TEST", .got = printable(flags.answers)});
  }
  const OutputFile writable(flags.answers);
}

bool decides_answers(const std::filesystem::path& file) {
  const std::string name = file.filename().string();
  return file.extension() == ".safetensors" || name.starts_with("tokenizer") || name == "config.json" ||
         name == "vision_config.json" || name == "generation_config.json";
}

/// All that the answers depend on, as far as can be told without reading the weights.
nlohmann::json graded_thing(const EvalFlags& flags, const std::string& model) {
  nlohmann::json files = nlohmann::json::object();
  for (const auto& file : std::filesystem::directory_iterator(model)) {
    if (!file.is_regular_file() || !decides_answers(file.path())) continue;
    files[file.path().filename().string()] = {file.file_size(), file.last_write_time().time_since_epoch().count()};
  }
  return {{"program", FUSION_VERSION},      {"model", files},         {"dtype", flags.runtime.dtype},
          {"device", flags.runtime.device}, {"detail", flags.detail}, {"blank", !flags.without_blank}};
}

/// A file in the place of MODEL is most likely a test, for which the model was left out.
void require_model_first(const std::string& model) {
  if (!std::filesystem::is_regular_file(model)) return;
  throw UsageError({.who = "MODEL",
                    .expected = "a folder, or the name of a model that ships",
                    .got = cat("the file ", printable(model, model.size())),
                    .hint = "the model comes first: fusion eval nano " + printable(model, model.size())});
}

void run_eval(const EvalFlags& flags) {
  require_model_first(flags.model);
  apply_threads(flags.runtime);
  const std::string model = existing_model_folder(flags.model);
  const InterruptGuard guard;
  if (!flags.answers.empty()) check_answers_file(flags);
  const Exam exam = open_exam(flags, model, guard);
  const StageLine stages(flags.quiet || flags.json);
  stages.show(cat("loading ", model, " ..."));
  const Assistant assistant(model, {.load = load_options(flags.runtime)});
  stages.clear();
  std::optional<GradeRecord> record;
  if (!flags.answers.empty()) record.emplace(flags.answers, graded_thing(flags, model), exam.questions);
  GradeOptions options{.blank = {.turns = {}, .query_len = assistant.latent_count(flags.detail)},
                       .picture_folder = exam.picture_folder,
                       .batch_size = flags.batch,
                       .with_blank_picture = !flags.without_blank,
                       .earlier = record ? record->earlier() : std::vector<GradedAnswer>()};
  options.blank.generation.max_new_tokens = 64;
  ProgressOptions shown = counted_progress("questions", flags.quiet || flags.json);
  shown.already = options.earlier.size();
  ProgressBar bar(std::cerr, std::move(shown));
  const GradeListener listener{.on_progress = [&](uint64_t done, uint64_t total) { bar.update(done, total); },
                               .on_answers =
                                   [&](std::span<const GradedAnswer> answers) {
                                     if (record) record->append(answers);
                                   },
                               .cancelled = [&] { return guard.interrupted(); }};
  const GradeReport report = grade(assistant, exam.questions, options, listener);
  if (report.cancelled) throw Interrupted();
  bar.finish();
  if (record) record->finish(report.answers);
  if (flags.json) {
    std::cout << grade_json(report).dump(2) << "\n";
  } else {
    std::cout << grade_text(report);
  }
}

}  // namespace

void add_eval(CLI::App& app) {
  const auto flags = std::make_shared<EvalFlags>();
  CLI::App* command = app.add_subcommand("eval", "Grade a model on questions whose answers are known");
  command->add_option("MODEL", flags->model, "folder of a FUSION checkpoint, or the name of one that ships: nano")
      ->type_name("FOLDER")
      ->capture_default_str();
  command
      ->add_option("TEST", flags->test,
                   "records that `fusion synth` wrote (.jsonl), or a recipe for them (.yaml), all of which are asked; "
                   "default: the "
                   "model's own")
      ->type_name("FILE");
  command->add_option("--limit", flags->limit, "ask the first N questions; 0: all")
      ->type_name("N")
      ->check(whole_number(0, std::numeric_limits<int64_t>::max()));
  command->add_option("--batch", flags->batch, "questions answered together")
      ->type_name("N")
      ->check(whole_number(1, 256))
      ->capture_default_str();
  command->add_option("--detail", flags->detail, "how closely to look, as in `fusion ask`")
      ->type_name("DETAIL")
      ->check(flag_check(require_detail));
  command->add_flag("--no-blank", flags->without_blank, "do not ask about a grey picture as well");
  command
      ->add_option("--answers", flags->answers,
                   "file for every question with the answer to it, one a line; FILE.part until the grade is done, from "
                   "which the same command goes on")
      ->type_name("FILE");
  command->add_option("--work", flags->work, "folder for a recipe's pictures; default: one in the user's cache")
      ->type_name("FOLDER");
  command->add_flag("--json", flags->json, "print JSON: overall, then kinds with intervals");
  command->add_flag("-q,--quiet", flags->quiet, "no progress");
  add_runtime_options(*command, flags->runtime);
  command->footer(
      "Examples:\n"
      "  fusion eval nano\n"
      "  fusion eval runs/mine/model runs/world/data/test.jsonl --answers answers.jsonl");
  command->callback([flags] { run_eval(*flags); });
}

}  // namespace fusion::app
