// fusion ask PICTURE "QUESTION": one question about one picture, the answer streamed.

#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "fusion/commands.h"
#include "fusion/runtime_options.h"
#include "fusion/usage_error.h"
#include "pipeline/generation/assistant.h"
#include "pipeline/preprocess/decode.h"

namespace fusion::app {

namespace {

struct AskOptions {
  std::string picture;
  std::string question;
  std::string model;
  std::string detail;
  bool text_only = false;
  bool ignore_orientation = false;
  bool json = false;
  bool quiet = false;
  GenerationOptions generation;
  RuntimeOptions runtime;
};

/// Says on the terminal what is going on; silent when stderr is not one.
class StageLine {
 public:
  explicit StageLine(bool quiet) : shown_(!quiet && isatty(STDERR_FILENO) == 1) {}

  void show(const std::string& text) const {
    if (shown_) std::cerr << "\r\033[K" << text << std::flush;
  }
  void clear() const { show(""); }
  bool shown() const { return shown_; }

 private:
  bool shown_;
};

/// What a model says must not command the terminal.
std::string harmless(std::string text) {
  for (char& c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7f) c = '?';
  }
  return text;
}

std::string describe(const GenerationProgress& progress) {
  switch (progress.stage) {
    case GenerationStage::kLooking:
      return cat("looking: tile ", progress.done + 1, "/", progress.total);
    case GenerationStage::kReading:
      return cat("reading: layer ", progress.done, "/", progress.total);
    case GenerationStage::kAnswering:
      break;
  }
  return "";
}

const char* name_of(StopReason reason) {
  switch (reason) {
    case StopReason::kEndToken:
      return "end";
    case StopReason::kStopText:
      return "stop";
    case StopReason::kTokenLimit:
      return "length";
    case StopReason::kCancelled:
      break;
  }
  return "cancelled";
}

void print_json(const AskOptions& options, const Answer& answer, int64_t latents) {
  const nlohmann::json result{
      {"picture", options.text_only ? nlohmann::json() : nlohmann::json(options.picture)},
      {"question", options.question},
      {"answer", answer.text},
      {"stop", name_of(answer.generation.stop_reason)},
      {"latent_tokens", latents},
      {"prompt_positions", answer.generation.prompt_length},
      {"new_tokens", answer.generation.ids.size()},
      {"seconds",
       {{"picture", answer.times.picture}, {"first_token", answer.times.first_token}, {"total", answer.times.total}}}};
  std::cout << result.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
}

void print_summary(const Answer& answer) {
  const auto tokens = static_cast<double>(answer.generation.ids.size());
  const double decoding = answer.times.total - answer.times.first_token;
  char line[160];
  std::snprintf(line, sizeof line, "first token after %.2f s, %.0f tokens, %.1f tokens/s\n", answer.times.first_token,
                tokens, decoding > 0 ? (tokens - 1) / decoding : 0.0);
  std::cerr << line;
}

void run_ask(const AskOptions& options) {
  const StageLine stages(options.quiet || options.json);
  checked_flag([&] { check(options.generation.sampling); });
  if (options.question.find_first_not_of(" \t\r\n") == std::string::npos) {
    throw UsageError({.who = "question", .expected = "some words", .got = "an empty text"});
  }
  // The picture first: a wrong path should not cost the loading of a model.
  Question question{.turns = single_question(options.question, !options.text_only), .generation = options.generation};
  if (!options.text_only) {
    question.pictures.push_back(std::make_shared<Picture>(
        load_picture(options.picture, {.apply_exif_orientation = !options.ignore_orientation})));
  }
  const torch::Device device = device_of(options.runtime);
  apply_threads(options.runtime);

  stages.show("loading " + options.model + "...");
  const Assistant assistant(options.model, {.load = {.device = device, .dtype = dtype_of(options.runtime)}});
  question.query_len = checked_flag([&] { return assistant.latent_count(options.detail); });

  AnswerListener listener;
  listener.on_progress = [&](const GenerationProgress& progress) {
    if (progress.stage != GenerationStage::kAnswering || progress.done == 0) stages.show(describe(progress));
  };
  if (!options.json) {
    const bool terminal = isatty(STDOUT_FILENO) == 1;
    listener.on_text = [terminal](size_t, const std::string& text) {
      std::cout << (terminal ? harmless(text) : text) << std::flush;
      return std::cout.good();
    };
  }
  const Answer answer = assistant.answer(question, listener);
  stages.clear();
  if (options.json) {
    print_json(options, answer, question.query_len);
    return;
  }
  std::cout << "\n";
  if (stages.shown()) print_summary(answer);
}

}  // namespace

void add_ask(CLI::App& app) {
  auto options = std::make_shared<AskOptions>();
  CLI::App* command = app.add_subcommand("ask", "Ask a question about a picture");
  command->add_option("picture", options->picture, "JPEG, PNG or WebP file; - for a question without a picture")
      ->required();
  command->add_option("question", options->question, "What you want to know")->required();
  command->add_option("-m,--model", options->model, "Folder of a FUSION checkpoint")->required();
  command
      ->add_option("--detail", options->detail,
                   "How closely to look: fast (16 latent tokens), balanced (64), best (144) or their number; default: "
                   "64 where the model was trained with it")
      ->check([](const std::string& text) { return text.empty() ? "expected a word or a number" : ""; });
  command->add_option("--max-tokens", options->generation.max_new_tokens, "Longest answer, in tokens")
      ->check(CLI::Range(1, 1 << 20))
      ->capture_default_str();
  SamplingOptions& sampling = options->generation.sampling;
  command->add_option("--temperature", sampling.temperature, "0: always the likeliest word")->capture_default_str();
  command->add_option("--top-k", sampling.top_k, "Draw among the k likeliest tokens; 0: all")->capture_default_str();
  command->add_option("--top-p", sampling.top_p, "Draw among the likeliest tokens of this joint probability")
      ->capture_default_str();
  command->add_option("--seed", sampling.seed, "Of the draw; the same seed gives the same answer")
      ->check(CLI::Range(int64_t{0}, std::numeric_limits<int64_t>::max()))
      ->capture_default_str();
  command->add_flag("--ignore-orientation", options->ignore_orientation,
                    "Do not turn the picture as its EXIF data say");
  command->add_flag("--json", options->json, "Print the answer and its figures as JSON");
  command->add_flag("-q,--quiet", options->quiet, "Print the answer only");
  add_runtime_options(*command, options->runtime);
  command->footer(
      "Example:\n  fusion ask examples/cat.jpg \"What is the cat looking at?\" --model models/FUSION-Phi3.5-3B");
  command->callback([options] {
    options->text_only = options->picture == "-";
    run_ask(*options);
  });
}

}  // namespace fusion::app
