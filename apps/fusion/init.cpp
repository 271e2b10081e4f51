#include <unistd.h>

#include <charconv>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foundation/core/progress.h"
#include "foundation/core/text.h"
#include "foundation/core/units.h"
#include "fusion/commands.h"
#include "fusion/flag_checks.h"
#include "fusion/terminal_output.h"
#include "fusion/usage_error.h"
#include "workflows/assembly/assemble_checkpoint.h"
#include "workflows/assembly/init_checkpoint.h"

namespace fusion::app {

namespace {

/// One command, two forms: PRESET FOLDER, and --vision DIR --llm DIR FOLDER.
struct InitFlags {
  std::string preset;
  std::string folder;
  std::string vision;
  std::string language;
  std::string query_len;
  std::string interaction;
  AssembleOptions assemble;
  InitOptions init;
  uint64_t seed = 0;
  std::optional<std::string> dtype;
  bool force = false;
  bool quiet = false;
};

/// "4,16,36" at "," as {4, 16, 36}. A part that is no number is a UsageError.
std::vector<int64_t> numbers_in(std::string_view text, char separator, const char* flag, const char* example) {
  std::vector<int64_t> numbers;
  for (bool more = true; more;) {
    const size_t end = text.find(separator);
    const std::string_view part = text.substr(0, end);
    int64_t number = 0;
    const auto [stop, error] = std::from_chars(part.data(), part.data() + part.size(), number);
    if (part.empty() || error != std::errc() || stop != part.data() + part.size()) {
      throw UsageError({.who = flag,
                        .expected = cat("numbers as in ", example),
                        .got = part.empty() ? "nothing for one of them" : printable(part)});
    }
    numbers.push_back(number);
    more = end != std::string_view::npos;
    if (more) text.remove_prefix(end + 1);
  }
  return numbers;
}

InteractionPlan plan_in(const std::string& text) {
  const char* const flag = "--interaction-layers";
  const auto numbers = numbers_in(text, '/', flag, "10/0/3");
  if (numbers.size() != 3) {
    throw UsageError(
        {.who = flag, .expected = "COUNT/START/STRIDE, such as 10/0/3", .got = cat(numbers.size(), " numbers")});
  }
  return {.count = numbers[0], .start = numbers[1], .stride = numbers[2]};
}

/// Which form the flags are of. Throws UsageError where they are of both, or of one by half.
bool is_assembly(const CLI::App& command, InitFlags& flags) {
  const auto given = [&](const char* name) { return command.count(name) > 0; };
  const bool assembly = given("--vision") || given("--llm");
  if (assembly && (flags.vision.empty() || flags.language.empty())) {
    throw UsageError({.who = flags.language.empty() ? "--llm" : "--vision",
                      .expected = "a checkpoint folder",
                      .got = "none",
                      .hint = "--vision and --llm go together"});
  }
  if (assembly && given("FOLDER")) {
    throw UsageError({.who = "fusion init",
                      .expected = "FOLDER alone beside --vision and --llm",
                      .got = cat("'", printable(flags.preset), "' and '", printable(flags.folder), "'"),
                      .hint = "leave the preset out, or --vision and --llm"});
  }
  // The one word is the first, whatever it stands for.
  if (assembly) std::swap(flags.folder, flags.preset);
  if (!assembly && !given("PRESET")) throw CLI::RequiredError("PRESET, or --vision and --llm,");
  if (flags.folder.empty()) throw CLI::RequiredError("FOLDER");
  for (const char* name : {"--query-len", "--window", "--interaction-layers", "--max-length", "--image-size"}) {
    if (assembly || !given(name)) continue;
    throw UsageError({.who = name, .expected = "--vision and --llm beside it", .got = "a preset, which has its own"});
  }
  if (assembly && given("--tokenizer")) {
    throw UsageError(
        {.who = "--tokenizer", .expected = "a preset beside it", .got = "--llm, which has a tokenizer of its own"});
  }
  if (assembly && given("--pictures")) {
    throw UsageError(
        {.who = "--pictures", .expected = "a preset beside it", .got = "--vision, which has seen pictures"});
  }
  return assembly;
}

void init_preset(InitFlags& flags) {
  flags.init.seed = flags.seed;
  flags.init.dtype = flags.dtype;
  ProgressBar records(std::cerr, counted_progress("records", flags.quiet));
  flags.init.on_record = [&](uint64_t done, uint64_t total) {
    records.update(done, total);
    if (done == total) records.finish();
  };
  const InitReport report = init_checkpoint(preset_or_folder(flags.preset), flags.folder, flags.init);
  if (flags.quiet) return;
  std::cout << "Wrote " << flags.folder << ": " << count_text(report.parameters) << " random parameters ("
            << bytes_text(report.weight_bytes) << ", " << report.dtype << "), tokenizer: " << report.tokenizer << ".\n";
  if (report.records > 0) {
    std::cout << "The tower's patch and position embeddings are made for " << report.pictures << " pictures of "
              << report.records << " records.\n";
  }
  std::cout << "The model is untrained: its words mean nothing.\n";
}

void assemble(InitFlags& flags) {
  AssembleOptions& options = flags.assemble;
  options.seed = flags.seed;
  options.dtype = flags.dtype;
  if (!flags.query_len.empty()) {
    options.query_lengths = numbers_in(flags.query_len, ',', "--query-len", "4,16,36,64,144");
  }
  if (!flags.interaction.empty()) options.interaction = plan_in(flags.interaction);
  checked_flag([&] { check_options(options); });
  const AssembleReport report = assemble_checkpoint(flags.vision, flags.language, flags.folder, options);
  if (flags.quiet) return;
  for (const std::string& warning : report.warnings) std::cerr << "fusion: warning: " << warning << "\n";
  std::cout << "Wrote " << flags.folder << ": " << text_report(report);
}

void run_init(const CLI::App& command, InitFlags& flags) {
  const bool assembly = is_assembly(command, flags);
  ProgressOptions shown = counted_progress("weights", flags.quiet);
  shown.amount = bytes_text;
  SaveOptions& save = assembly ? flags.assemble.save : flags.init.save;
  save.force = flags.force;
  save.on_progress = drawn_bar(std::move(shown));
  assembly ? assemble(flags) : init_preset(flags);
}

void add_assembly_flags(CLI::App& command, InitFlags& flags) {
  const char* const group = "Assembly (with --vision and --llm)";
  const auto add = [&](const char* name, auto& value, const char* help) {
    return command.add_option(name, value, help)->group(group);
  };
  add("--vision", flags.vision, "folder of a SigLIP or SigLIP2 checkpoint")->type_name("FOLDER");
  add("--llm", flags.language, "folder of a Phi-3 or LLaMA checkpoint with its tokenizer")->type_name("FOLDER");
  add("--query-len", flags.query_len, "counts of latent tokens to train with; default: 4,16,36,64,144")
      ->type_name("N,N,...");
  add("--window", flags.assemble.window, "side of a latent token's window; default: 3");
  add("--interaction-layers", flags.interaction,
      "how many, after which layer the first, and how far apart; default: 10/0/3")
      ->type_name("COUNT/START/STRIDE");
  add("--max-length", flags.assemble.max_length, "longest sequence in tokens; default: 4096");
  add("--image-size", flags.assemble.image_size,
      "side of a tile in pixels, with position embeddings resized to it; default: as the tower was trained");
}

}  // namespace

void add_init(CLI::App& app) {
  const auto flags = std::make_shared<InitFlags>();
  CLI::App* command = app.add_subcommand("init",
                                         "Write a checkpoint: random weights in the shape of a known model, or a "
                                         "vision tower and a language model put together");
  command
      ->add_option("PRESET", flags->preset,
                   cat("one of ", join(preset_names(), ", "),
                       ", or a folder with a config.json; left out with --vision and --llm"))
      // Where it is left out the folder stands in its place.
      ->type_name(folder_or(preset_names()))
      ->option_text("NAME");
  command->add_option("FOLDER", flags->folder, "where to write it; made if it does not exist")->type_name("FOLDER");
  command
      ->add_option("--seed", flags->seed, "of the random weights; the same seed gives the same file")
      // CLI11 would wrap a negative number around.
      ->check([](const std::string& text) { return std::string(text.starts_with('-') ? "must not be negative" : ""); })
      ->capture_default_str();
  command->add_option("--dtype", flags->dtype, "of the weights; default: that of the preset or of the language model")
      ->check(CLI::IsMember({"float32", "bfloat16", "float16"}));
  command
      ->add_option("--tokenizer", flags->init.tokenizer_folder,
                   "folder to copy a preset's tokenizer from; default: a stand-in in which every byte is a token")
      ->type_name("FOLDER");
  command
      ->add_option("--pictures", flags->init.pictures,
                   "mixture (.yaml, .json or .jsonl) to whose pictures a preset's patch and position embeddings are "
                   "fitted, so that a small tower sees shapes from the first step; default: random")
      ->type_name("FILE");
  command->add_flag("--force", flags->force, "replace a checkpoint that is already there");
  command->add_flag("--quiet", flags->quiet, "print nothing but errors");
  add_assembly_flags(*command, *flags);
  command->footer(
      "Example:\n  fusion init nano /tmp/nano && fusion info /tmp/nano\n"
      "  fusion init nano start --tokenizer tokenizer --pictures data/mixture.yaml\n"
      "  fusion init --vision siglip-so400m-patch14-384 --llm Phi-3.5-mini-instruct my-fusion");
  command->callback([command, flags] { run_init(*command, *flags); });
}

}  // namespace fusion::app
