#include <unistd.h>

#include <iostream>
#include <memory>
#include <string>

#include "foundation/core/progress.h"
#include "foundation/core/text.h"
#include "foundation/core/units.h"
#include "fusion/commands.h"
#include "workflows/assembly/init_checkpoint.h"

namespace fusion::app {

namespace {

struct InitFlags {
  std::string preset;
  std::string folder;
  InitOptions options;
  bool quiet = false;
};

void run_init(InitFlags& flags) {
  ProgressBar bar(std::cerr,
                  {.label = "weights", .terminal = !flags.quiet && ::isatty(STDERR_FILENO) == 1, .amount = bytes_text});
  flags.options.on_progress = [&](uint64_t done, uint64_t total) { bar.update(done, total); };
  const InitReport report = init_checkpoint(find_preset(flags.preset), flags.folder, flags.options);
  bar.finish();
  if (flags.quiet) return;
  std::cout << "Wrote " << flags.folder << ": " << count_text(report.parameters) << " random parameters ("
            << bytes_text(report.weight_bytes) << ", " << report.dtype << "), tokenizer: " << report.tokenizer
            << ".\nThe model is untrained: its words mean nothing.\n";
}

}  // namespace

void add_init(CLI::App& app) {
  const auto flags = std::make_shared<InitFlags>();
  CLI::App* command =
      app.add_subcommand("init", "Write a checkpoint with random weights in the shape of a known model");
  command->add_option("PRESET", flags->preset, cat("one of ", join(preset_names(), ", ")))->required();
  command->add_option("FOLDER", flags->folder, "where to write it; made if it does not exist")->required();
  command
      ->add_option("--seed", flags->options.seed, "of the random weights; the same seed gives the same file")
      // CLI11 would wrap a negative number around.
      ->check([](const std::string& text) { return std::string(text.starts_with('-') ? "must not be negative" : ""); })
      ->capture_default_str();
  command->add_option("--dtype", flags->options.dtype, "of the weights; default: that of the preset")
      ->check(CLI::IsMember({"float32", "bfloat16", "float16"}));
  command->add_option("--tokenizer", flags->options.tokenizer_folder,
                      "folder to copy the tokenizer from; default: a stand-in in which every byte is a token");
  command->add_flag("--force", flags->options.force, "replace a checkpoint that is already there");
  command->add_flag("--quiet", flags->quiet, "print nothing but errors");
  command->footer("Example: fusion init nano /tmp/nano && fusion info /tmp/nano");
  command->callback([flags] { run_init(*flags); });
}

}  // namespace fusion::app
