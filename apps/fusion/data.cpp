#include <torch/types.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <iostream>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "foundation/core/error.h"
#include "foundation/core/progress.h"
#include "foundation/core/text.h"
#include "foundation/core/units.h"
#include "fusion/commands.h"
#include "fusion/data_tokenizer.h"
#include "fusion/flag_checks.h"
#include "fusion/runtime_options.h"
#include "fusion/terminal_output.h"
#include "pipeline/model/fusion_config.h"
#include "workflows/datasets/data_report_text.h"
#include "workflows/datasets/prompt_view.h"
#include "workflows/training/plan/activations.h"

namespace fusion::app {

namespace {

constexpr const char* kExample =
    "Example: fusion data check examples/data/tiny/mixture.yaml --model models/FUSION-Phi3.5-3B";

struct CheckFlags {
  std::string mixture;
  std::string model;
  std::vector<std::string> image_roots;
  bool json = false;
  bool quiet = false;
  std::optional<int64_t> sample;
  int64_t micro_batch = 1;
  std::optional<int64_t> max_length;
  int64_t limit = 0;
  uint64_t seed = 0;
  double max_broken_share = 0.01;
  RuntimeOptions runtime;
};

/// How a piece of a prompt looks: what stands before and after it.
struct Look {
  std::string before;
  std::string after;
};

Look look_of(PromptPiece::Kind kind, bool terminal) {
  if (kind == PromptPiece::Kind::kTarget) return {};
  if (kind == PromptPiece::Kind::kMasked) return terminal ? Look{"\x1b[2m", "\x1b[0m"} : Look{"[[", "]]"};
  return terminal ? Look{"\x1b[7m", "\x1b[0m"} : Look{"{", "}"};
}

std::string shown(const PromptPiece& piece, const CheckOptions& options) {
  switch (piece.kind) {
    case PromptPiece::Kind::kQuestionMark:
      return "?";
    case PromptPiece::Kind::kImage:
      return cat("image: ", options.image_tokens);
    case PromptPiece::Kind::kLatents:
      return cat("latents: ", options.query_len);
    case PromptPiece::Kind::kMasked:
    case PromptPiece::Kind::kTarget:
      break;
  }
  return harmless(piece.text);
}

void show_sample(const SampleReader& reader, int64_t index, const CheckOptions& options) {
  const bool terminal = ::isatty(STDOUT_FILENO) == 1;
  const TokenizedPrompt prompt = reader.read_prompt(index);
  std::cout << "\nRecord " << index << ", " << reader.mixture().describe(index) << ": what is "
            << (terminal ? "dim" : "in [[ ]]") << " is masked\n";
  for (const PromptPiece& piece : view_prompt(prompt, reader.tokenizer())) {
    const Look look = look_of(piece.kind, terminal);
    std::cout << look.before << shown(piece, options) << look.after;
  }
  std::cout << "\n";
}

bool is_sound(const SampleReader& reader, int64_t index) {
  try {
    reader.read_prompt(index);
    return true;
  } catch (const Error&) {
    return false;  // the report lists it
  }
}

/// The first sound record, with a picture if there is one; nothing where none is near the front.
std::optional<int64_t> first_sound(const SampleReader& reader) {
  constexpr int64_t kTried = 100;
  const auto lengths = reader.mixture().modality_lengths();
  for (const bool picture : {true, false}) {
    int64_t tried = 0;
    for (size_t i = 0; i < lengths.size() && tried < kTried; ++i) {
      if (lengths[i] == 0 || (lengths[i] > 0) != picture) continue;
      const auto index = static_cast<int64_t>(i);
      if (is_sound(reader, index)) return index;
      ++tried;
    }
  }
  return std::nullopt;
}

void require_record(int64_t index, const Mixture& mixture) {
  if (index < mixture.size()) return;
  throw Error({.who = "--sample", .expected = cat("one of ", mixture.size(), " records"), .got = cat(index)});
}

/// What the longest micro-batch needs when all of the model is trained, beside weights and optimiser.
struct LongestMemory {
  uint64_t float32 = 0;
  uint64_t recomputed = 0;  ///< in mixed precision with activation checkpointing
};

LongestMemory memory_of(const LongestBatch& longest, const FusionConfig& config, int64_t query_len) {
  const BatchShape shape{.samples = static_cast<double>(longest.records.size()),
                         .length = static_cast<double>(longest.positions),
                         .instruct = static_cast<double>(longest.instruct_tokens),
                         .questions = static_cast<double>(longest.questions),
                         .latents = static_cast<double>(query_len),
                         .targets = static_cast<double>(longest.targets)};
  const TrainedParts all{.tower = true,
                         .mm_projector = true,
                         .aux_projector = true,
                         .embeddings = true,
                         .decoder = true,
                         .interaction = true,
                         .head = true};
  const auto bytes = [&](const ActivationOptions& options) {
    return static_cast<uint64_t>(activation_memory(config, shape, all, options).total());
  };
  return {.float32 = bytes({}), .recomputed = bytes({.mixed = true, .recompute = true})};
}

void run_check(const CheckFlags& flags) {
  apply_threads(flags.runtime);
  const FusionConfig config = read_fusion_config(flags.model);
  const auto tokenizer = load_tokenizer(flags.model);
  const bool silent = flags.quiet || flags.json;
  const auto mixture = Mixture::open(flags.mixture, {.image_roots = flags.image_roots,
                                                     .seed = flags.seed,
                                                     .on_progress = drawn_bar(counted_progress("measuring", silent))});
  const SampleReader reader(mixture, *tokenizer, default_template(config.model_type),
                            sample_options(config, flags.max_length));
  if (flags.sample) require_record(*flags.sample, *mixture);
  CheckOptions options{.image_tokens = config.num_image_tokens(),
                       .query_len = config.query_lengths.back(),
                       .micro_batch_size = flags.micro_batch,
                       .limit = flags.limit,
                       .on_progress = drawn_bar(counted_progress("reading", silent))};
  if (flags.json) options.max_listed = std::numeric_limits<int64_t>::max();
  const DataReport report = check_data(reader, options);
  const int64_t max_length = reader.options().max_length;
  const LongestMemory memory = memory_of(report.longest, config, options.query_len);
  if (flags.json) {
    auto json = json_report(report, *mixture, max_length);
    json["longest_micro_batch"]["activation_bytes"] = {{"float32", memory.float32},
                                                       {"bfloat16_recomputed", memory.recomputed}};
    std::cout << json.dump(2) << "\n";
  } else {
    std::cout << text_report(report, *mixture, max_length) << "Its activations: " << bytes_text(memory.float32)
              << " in float32, " << bytes_text(memory.recomputed)
              << " in bfloat16 with activation checkpointing (`fusion train --dry-run` adds weights and optimiser)\n";
    const auto sample = flags.sample ? flags.sample : first_sound(reader);
    if (sample) show_sample(reader, *sample, options);
  }
  if (!report.too_many_broken(flags.max_broken_share)) return;
  throw Error({.who = flags.mixture,
               .expected = cat("at most ", flags.max_broken_share * 100, " % broken records"),
               .got = cat(report.total.broken, " of ", report.total.records)});
}

void add_check(CLI::App& data) {
  const auto flags = std::make_shared<CheckFlags>();
  CLI::App* command = data.add_subcommand("check", "Read everything that a run would train on, and say what is in it");
  command->add_option("MIX", flags->mixture, "a mixture (.yaml), or one file of records (.json, .jsonl)")
      ->type_name("FILE")
      ->required();
  command->add_option("--model", flags->model, "checkpoint folder: its tokenizer, template and sizes are used")
      ->type_name("FOLDER")
      ->required();
  command->add_option("--image-root", flags->image_roots, "folder of pictures; may be given several times")
      ->type_name("FOLDER")
      ->allow_extra_args(false);
  command->add_option("--sample", flags->sample, "record to show, counted from 0; default: the first with a picture")
      ->type_name("N")
      ->check(whole_number(0, std::numeric_limits<int64_t>::max()));
  command->add_option("--micro-batch", flags->micro_batch, "records that go through the model together")
      ->type_name("N")
      ->check(whole_number(1, 65'536));
  command->add_option("--max-length", flags->max_length, "tokens a record is cut to; default: the model's")
      ->type_name("N")
      ->check(whole_number(1, 1 << 24));
  command->add_option("--limit", flags->limit, "read so many records, spread over all; default: all")
      ->type_name("N")
      ->check(whole_number(1, std::numeric_limits<int64_t>::max()));
  command->add_option("--seed", flags->seed, "of random:N; a run's own")
      ->type_name("N")
      ->check(whole_number(0, std::numeric_limits<int64_t>::max()));
  command->add_option("--max-broken-share", flags->max_broken_share, "exit code 1 above it; default 0.01")
      ->type_name("SHARE")
      ->check(CLI::Range(0.0, 1.0));
  command->add_option("--threads", flags->runtime.threads, "CPU threads; 0: one a core")
      ->check(whole_number(0, 1024))
      ->capture_default_str();
  command->add_flag("--json", flags->json, "print JSON, with every broken record");
  command->add_flag("--quiet", flags->quiet, "no progress");
  command->footer(kExample);
  command->callback([flags] { run_check(*flags); });
}

}  // namespace

void add_data(CLI::App& app) {
  CLI::App* command = app.add_subcommand("data", "Look at training data, learn a tokenizer from it");
  command->require_subcommand(1);
  command->footer(kExample);
  add_check(*command);
  add_data_tokenizer(*command);
}

}  // namespace fusion::app
