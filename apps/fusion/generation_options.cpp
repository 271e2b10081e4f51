#include "fusion/generation_options.h"

#include <charconv>
#include <iostream>
#include <limits>
#include <string_view>
#include <utility>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "fusion/flag_checks.h"
#include "pipeline/model/detail.h"
#include "pipeline/preprocess/decode.h"
#include "workflows/inference/named_model.h"

namespace fusion::app {

namespace {

/// The rows and columns of "12x12"; the sign may be x, X or ×. Throws Error.
TokenGrid grid_of(const std::string& text) {
  const auto fail = [&] {
    throw Error({.expected = cat("ROWSxCOLUMNS such as 12x12, each from 1 to ", kMaxGridSide), .got = printable(text)});
  };
  TokenGrid grid;
  const char* const end = text.c_str() + text.size();
  const auto height = std::from_chars(text.c_str(), end, grid.height);
  std::string_view rest(height.ptr, end);
  if (height.ec != std::errc()) fail();
  for (const std::string_view sign : {"x", "X", "×"}) {
    if (!rest.starts_with(sign)) continue;
    rest.remove_prefix(sign.size());
    const auto width = std::from_chars(end - rest.size(), end, grid.width);
    if (width.ec != std::errc() || width.ptr != end) fail();
  }
  const auto fits = [](int64_t side) { return side >= 1 && side <= kMaxGridSide; };
  if (!fits(grid.height) || !fits(grid.width)) fail();
  return grid;
}

void add_sampling_flags(CLI::App& command, SamplingOptions& sampling) {
  command.add_option("--temperature", sampling.temperature, "0: always the likeliest word; higher: more varied")
      ->check(sampling_value(&SamplingOptions::temperature))
      ->capture_default_str();
  command.add_option("--top-k", sampling.top_k, "Draw among the k likeliest tokens; 0: all")
      ->check(sampling_value(&SamplingOptions::top_k))
      ->capture_default_str();
  command.add_option("--top-p", sampling.top_p, "Draw among the likeliest tokens of this joint probability")
      ->check(sampling_value(&SamplingOptions::top_p))
      ->capture_default_str();
  command.add_option("--min-p", sampling.min_p, "Draw among tokens at least this likely beside the likeliest one")
      ->check(sampling_value(&SamplingOptions::min_p))
      ->capture_default_str();
  command
      .add_option("--repetition-penalty", sampling.repetition_penalty,
                  "Above 1: words of the answer so far are less likely to come again")
      ->check(sampling_value(&SamplingOptions::repetition_penalty))
      ->capture_default_str();
  command.add_option("--seed", sampling.seed, "Of the draw; the same seed gives the same answer")
      ->check(whole_number(0, std::numeric_limits<int64_t>::max()))
      ->capture_default_str();
}

/// What asks for a closer look says nothing to a model that sees nothing. A warning: it may come from a file of
/// defaults.
void warn_of_idle_flags(const GenerationFlags& flags) {
  for (const auto& [flag, value] : {std::pair("--detail", flags.detail), {"--image-tokens", flags.image_tokens}}) {
    if (value.empty()) continue;
    std::cerr << "fusion: warning: " << flag << " changes nothing: " << printable(flags.model, 200)
              << " is a plain language model without a vision tower\n";
  }
}

}  // namespace

void add_generation_flags(CLI::App& command, GenerationFlags& flags) {
  command
      .add_option(
          "-m,--model", flags.model,
          "Folder of a FUSION checkpoint, or of a plain LLaMA or Phi-3 one for text only; or the name of a model "
          "that ships")
      ->type_name("FOLDER")
      ->capture_default_str();
  command
      .add_option("--adapter", flags.adapter,
                  "Folder of a LoRA adapter for the model, as fusion train or PEFT writes it")
      ->type_name("FOLDER");
  command
      .add_option("--template", flags.conversation_template,
                  "How the conversation is written: phi_3, llama_3, chatml, raw ...; default: as the model was trained")
      ->check(flag_check([](const std::string& text) { find_template(text); }))
      ->type_name("NAME");
  command.add_option("--system", flags.system, "What a plain language model is told before the conversation")
      ->check(some_text("some text"));
  command
      .add_option("--detail", flags.detail,
                  "How closely to look: fast (16 latent tokens), balanced (64), best (144) or their number; default: "
                  "64 where the model was trained with it")
      ->check(flag_check(require_detail))
      ->type_name("DETAIL");
  command
      .add_option("--image-tokens", flags.image_tokens,
                  "Resize the picture's features to so many rows and columns, as FUSION-L does with 12x12")
      ->check(flag_check([](const std::string& text) { grid_of(text); }))
      ->type_name("ROWSxCOLUMNS");
  command.add_option("--max-tokens", flags.generation.max_new_tokens, "Longest answer, in tokens")
      ->check(whole_number(1, 1 << 20))
      ->capture_default_str();
  command
      .add_option("--context", flags.generation.max_context,
                  "Most positions of conversation and answer together; 0: as many as the model was made for")
      ->check(whole_number(0, 1 << 24))
      ->capture_default_str();
  add_sampling_flags(command, flags.generation.sampling);
  command.add_option("--stop", flags.stop_texts, "End the answer before this text; may be given several times")
      ->check(some_text("some text"))
      ->allow_extra_args(false);
  command.add_flag("--ignore-orientation", flags.ignore_orientation, "Do not turn the picture as its EXIF data say");
  command
      .add_option("--picture-cache", flags.picture_cache_megabytes,
                  "Megabytes for features of pictures that were seen before; 0: none are kept")
      ->check(whole_number(0, 1 << 20))
      ->type_name("MB")
      ->capture_default_str();
  command.add_flag("--json", flags.json, "Print answers and their figures as JSON");
  command.add_flag("-q,--quiet", flags.quiet, "Print the answer only");
  add_runtime_options(command, flags.runtime);
}

std::shared_ptr<const Picture> load_picture(const GenerationFlags& flags, const std::string& path) {
  return std::make_shared<Picture>(fusion::load_picture(path, {.apply_exif_orientation = !flags.ignore_orientation}));
}

Assistant load_assistant(const GenerationFlags& flags, const StageLine& stages) {
  AssistantOptions options{.load = load_options(flags.runtime),
                           .picture_cache_bytes = static_cast<uint64_t>(flags.picture_cache_megabytes) << 20,
                           .conversation_template = flags.conversation_template,
                           .system = flags.system};
  options.load.adapter = flags.adapter;
  if (!flags.image_tokens.empty()) options.load.image_tokens = grid_of(flags.image_tokens);
  apply_threads(flags.runtime);
  const std::string folder = existing_model_folder(flags.model);
  stages.show(cat("loading ", folder, " ..."));
  Assistant assistant(folder, options);
  if (!assistant.sees() && !flags.quiet) {
    stages.clear();
    warn_of_idle_flags(flags);
  }
  return assistant;
}

Question blank_question(const GenerationFlags& flags, const Assistant& assistant) {
  return {.turns = {},
          .query_len = assistant.latent_count(flags.detail),
          .generation = flags.generation,
          .stop_texts = flags.stop_texts};
}

}  // namespace fusion::app
