// fusion ask PICTURE "QUESTION": one question about one picture, the answer streamed.

#include <iostream>
#include <memory>
#include <string>

#include "foundation/core/error.h"
#include "fusion/answer_report.h"
#include "fusion/commands.h"
#include "fusion/generation_options.h"
#include "fusion/interrupt.h"
#include "fusion/terminal_output.h"
#include "fusion/usage_error.h"

namespace fusion::app {

namespace {

constexpr const char* kNoPicture = "-";

struct AskFlags {
  std::string picture;
  std::string question;
  GenerationFlags shared;
};

void run_ask(const AskFlags& flags) {
  const GenerationFlags& shared = flags.shared;
  const bool has_picture = flags.picture != kNoPicture;
  if (flags.question.find_first_not_of(" \t\r\n") == std::string::npos) {
    throw UsageError({.who = "question", .expected = "some words", .got = "an empty text"});
  }
  // The picture first: a wrong path should not cost the loading of a model.
  std::shared_ptr<const Picture> picture;
  if (has_picture) picture = load_picture(shared, flags.picture);

  const StageLine stages(shared.quiet || shared.json);
  const Assistant assistant = load_assistant(shared, stages);
  Question question = blank_question(shared, assistant);
  question.turns = single_question(flags.question, has_picture);
  if (has_picture) question.pictures.push_back(picture);

  const InterruptGuard guard;
  AnswerListener listener;
  listener.cancelled = [&] { return guard.interrupted(); };
  listener.on_progress = [&](const GenerationProgress& progress) { stages.show(progress); };
  if (!shared.json) listener.on_text = [](size_t, const std::string& text) { return print_text(text); };
  const Answer answer = assistant.answer(question, listener);
  stages.clear();
  if (shared.json) {
    const std::string shown = has_picture ? flags.picture : "";
    std::cout << json_text(answer_json(shown, flags.question, answer, question.query_len), 2) << "\n";
  } else {
    std::cout << std::endl;
    if (stages.shown()) std::cerr << summary_of(answer) << "\n";
  }
  if (guard.interrupted()) throw Interrupted();
}

}  // namespace

void add_ask(CLI::App& app) {
  auto flags = std::make_shared<AskFlags>();
  CLI::App* command = app.add_subcommand("ask", "Ask a question about a picture");
  command->add_option("picture", flags->picture, "JPEG, PNG or WebP file; - for a question without a picture")
      ->type_name("FILE")
      ->required();
  command->add_option("question", flags->question, "What you want to know")->required();
  add_generation_flags(*command, flags->shared);
  command->footer(
      "Example:\n  fusion ask examples/cat.jpg \"What is the cat looking at?\" --model models/FUSION-Phi3.5-3B");
  command->callback([flags] { run_ask(*flags); });
}

}  // namespace fusion::app
