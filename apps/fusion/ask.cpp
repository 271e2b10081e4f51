// fusion ask PICTURE "QUESTION": one question about one picture, the answer streamed; or many of both.

#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "foundation/core/error.h"
#include "fusion/answer_report.h"
#include "fusion/ask_many.h"
#include "fusion/commands.h"
#include "fusion/flag_checks.h"
#include "fusion/generation_options.h"
#include "fusion/interrupt.h"
#include "fusion/terminal_output.h"
#include "fusion/usage_error.h"
#include "workflows/inference/picture_files.h"

namespace fusion::app {

namespace {

constexpr const char* kNoPicture = "-";

struct AskFlags {
  std::vector<std::string> inputs;  // pictures, and the question last unless --question gives some
  std::vector<std::string> questions;
  LinesFlags lines;
  GenerationFlags shared;
};

/// Takes the question off the inputs, where it is one of them.
void sort_inputs(AskFlags& flags) {
  if (flags.questions.empty() && !flags.inputs.empty()) {
    flags.questions.push_back(flags.inputs.back());
    flags.inputs.pop_back();
  }
  for (const std::string& question : flags.questions) {
    if (question.find_first_not_of(" \t\r\n") != std::string::npos) continue;
    throw UsageError({.who = "question", .expected = "some words", .got = "an empty text"});
  }
  if (flags.inputs.empty()) {
    throw UsageError({.who = "ask",
                      .expected = "a picture and a question",
                      .got = flags.questions.empty() ? "neither" : "one of them",
                      .hint = "as in: fusion ask cat.jpg \"What is it?\"; - in place of a picture asks without one"});
  }
}

void ask_one(const std::string& name, const std::string& text, const GenerationFlags& shared) {
  const bool has_picture = name != kNoPicture;
  // The picture first: a wrong path should not cost the loading of a model.
  std::shared_ptr<const Picture> picture;
  if (has_picture) picture = load_picture(shared, name);

  const StageLine stages(shared.quiet || shared.json);
  const Assistant assistant = load_assistant(shared, stages);
  Question question = blank_question(shared, assistant);
  question.turns = single_question(text, has_picture);
  if (has_picture) question.pictures.push_back(picture);

  const InterruptGuard guard;
  AnswerListener listener;
  listener.cancelled = [&] { return guard.interrupted(); };
  listener.on_progress = [&](const GenerationProgress& progress) { stages.show(progress); };
  if (!shared.json) listener.on_text = [](size_t, const std::string& part) { return print_text(part); };
  const Answer answer = assistant.answer(question, listener);
  stages.clear();
  if (shared.json) {
    const std::string shown = has_picture ? name : "";
    std::cout << json_text(answer_json(shown, text, answer, question.query_len), 2) << "\n";
  } else {
    std::cout << "\n" << std::flush;
    if (stages.shown()) std::cerr << summary_of(answer) << "\n";
  }
  if (guard.interrupted()) throw Interrupted();
}

void run_ask(AskFlags& flags) {
  if (!flags.lines.input.empty()) {
    if (!flags.inputs.empty() || !flags.questions.empty()) {
      throw UsageError({.who = "--jsonl", .expected = "no other picture or question", .got = "some beside it"});
    }
    return ask_lines(flags.lines, flags.shared);
  }
  sort_inputs(flags);
  const bool without = flags.inputs == std::vector<std::string>{kNoPicture};
  const std::vector<std::string> pictures = without ? std::vector<std::string>() : picture_files(flags.inputs);
  if (pictures.size() <= 1 && flags.questions.size() == 1) {
    return ask_one(without ? kNoPicture : pictures[0], flags.questions[0], flags.shared);
  }
  ask_about_each(pictures, flags.questions, flags.shared);
}

void add_lines_flags(CLI::App& command, LinesFlags& lines) {
  auto* const input =
      command.add_option("--jsonl", lines.input,
                         "Questions from a JSON Lines file (- for standard input), each with \"question\" "
                         "and perhaps \"image\"");
  input->type_name("FILE");
  command.add_option("--out", lines.output, "Where the answers of --jsonl go; - is standard output")
      ->type_name("FILE")
      ->configurable(false)
      ->needs(input)
      ->capture_default_str();
  command.add_option("--batch", lines.batch_size, "Questions of --jsonl to answer together")
      ->check(whole_number(1, 256))
      ->configurable(false)
      ->needs(input)
      ->capture_default_str();
  command.add_flag("--resume", lines.resume, "Go on where an earlier run of --jsonl has ended")
      ->configurable(false)
      ->needs(input);
  command.add_flag("--force", lines.force, "Replace the answers that --out holds already")
      ->configurable(false)
      ->needs(input);
}

}  // namespace

void add_ask(CLI::App& app) {
  auto flags = std::make_shared<AskFlags>();
  CLI::App* command = app.add_subcommand("ask", "Ask a question about a picture, or many about many");
  command
      ->add_option("picture_question", flags->inputs,
                   "JPEG, PNG or WebP files, or folders of them, and last the question; - for a question without a "
                   "picture")
      ->type_name("FILE... QUESTION");
  command
      ->add_option("-Q,--question", flags->questions,
                   "A question about every picture; may be given several times, and then all words before it are "
                   "pictures")
      ->allow_extra_args(false);
  add_lines_flags(*command, flags->lines);
  add_generation_flags(*command, flags->shared);
  command->footer(
      "Examples:\n"
      "  fusion ask examples/cat.jpg \"What is the cat looking at?\" --model models/FUSION-Phi3.5-3B\n"
      "  fusion ask holiday/ -Q \"Where is this?\" -Q \"Who is in it?\" --model models/FUSION-Phi3.5-3B\n"
      "  fusion ask --jsonl questions.jsonl --out answers.jsonl --batch 4 --model models/FUSION-Phi3.5-3B");
  command->callback([flags] { run_ask(*flags); });
}

}  // namespace fusion::app
