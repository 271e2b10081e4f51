// fusion train: a training run from its config file.

#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "foundation/core/units.h"
#include "foundation/nn/kept_memory.h"
#include "fusion/commands.h"
#include "fusion/failure.h"
#include "fusion/flag_checks.h"
#include "fusion/interrupt.h"
#include "fusion/runtime_options.h"
#include "fusion/terminal_output.h"
#include "fusion/train_plan.h"
#include "fusion/train_plot.h"
#include "workflows/training/communication/connect.h"
#include "workflows/training/loop/train_config.h"
#include "workflows/training/loop/trainer.h"
#include "workflows/training/run_log/train_progress.h"

namespace fusion::app {

namespace {

struct TrainFlags {
  std::string config;
  std::string output;
  RuntimeOptions runtime;
  bool quiet = false;
  bool keys = false;
  PlanFlags plan;
};

std::string lines_before_the_first_step(const RunStart& start) {
  std::string text = start.groups;
  text += cat(grouped_text(start.records), " records, ", grouped_text(start.total_steps), " steps");
  if (start.world_size > 1) text += cat(", ", start.world_size, " processes");
  if (start.first_step > 0) text += cat("; going on after step ", grouped_text(start.first_step));
  return text + "\n";
}

/// What the person who started the run sees of it, on stderr.
TrainListener shown_progress(const TrainFlags& flags, const InterruptGuard& interrupt,
                             std::optional<TrainProgress>& progress) {
  TrainListener listener;
  listener.stop_requested = [&interrupt] { return interrupt.interrupted(); };
  if (flags.quiet) return listener;
  listener.on_reading = drawn_bar(counted_progress("reading records", /*silent=*/false));
  listener.on_start = [&progress](const RunStart& start) {
    std::cerr << lines_before_the_first_step(start);
    progress.emplace(std::cerr, TrainProgressOptions{.total_steps = start.total_steps,
                                                     .resume_step = start.first_step,
                                                     .terminal = ::isatty(STDERR_FILENO) == 1,
                                                     .columns = [] { return terminal_columns(STDERR_FILENO); }});
  };
  listener.on_step = [&progress](const StepMetrics& metrics, int64_t) { progress->update(metrics); };
  listener.on_validation = [&progress](const ValidationMetrics& metrics) {
    progress->say(cat("step ", metrics.step, ", validation: loss ", metrics.loss, ", cross entropy ", metrics.loss_ce));
  };
  listener.on_note = [&progress](const std::string& text) { progress->say(text); };
  return listener;
}

/// A GPU that is not named by its number is the one of this process.
torch::Device device_of_run(const RuntimeOptions& options) {
  const torch::Device device = device_of(options);
  const bool named = options.device.starts_with("cuda:");
  return device.is_cpu() || named ? device : device_of_process(torch::kCUDA);
}

void run_train(const TrainFlags& flags) {
  if (flags.keys) {
    std::cout << describe_train_config();
    return;
  }
  TrainConfig config = read_train_config(flags.config);
  if (!flags.output.empty()) config.output = std::filesystem::absolute(flags.output).lexically_normal().string();
  apply_threads(flags.runtime);
  const torch::Device device = device_of_run(flags.runtime);
  if (flags.plan.dry_run) return show_plan(config, flags.plan, device);
  keep_freed_memory();
  const auto communicator = connect_processes({.device = device});
  const InterruptGuard interrupt(StopSignals::kInterruptAndTerminate);
  std::optional<TrainProgress> progress;
  Trainer trainer(config, device, *communicator, shown_progress(flags, interrupt, progress));
  const TrainEnd end = trainer.run();
  if (progress) progress->finish();
  if (end == TrainEnd::kFinished) return;
  if (communicator->rank() == 0) {
    std::cerr << "fusion: stopped as asked, after a checkpoint in " << config.output << "; the same command goes on\n";
  }
  throw Interrupted();
}

}  // namespace

void add_train(CLI::App& app) {
  const auto flags = std::make_shared<TrainFlags>();
  CLI::App* command = app.add_subcommand("train", "Train a model, or go on with a run that was stopped");
  command->add_option("config", flags->config, "YAML file of the run")->type_name("FILE");
  command->add_option("-o,--output", flags->output, "Folder of the run, instead of the file's")->type_name("FOLDER");
  add_device_options(*command, flags->runtime);
  command->add_flag("-q,--quiet", flags->quiet, "No progress");
  command->add_flag("--keys", flags->keys, "Print the keys that a config file may have");
  add_plan_flags(*command, flags->plan);
  add_train_plot(*command);
  command->footer(
      "Examples:\n  fusion train examples/train/nano-cpu.yaml\n"
      "  torchrun --no-python --nproc-per-node 4 fusion train examples/train/stage1-phi3.5-3b.yaml\n"
      "  fusion train plot runs/nano --out curves.png");
  command->callback([command, flags] {
    if (!command->get_subcommands().empty()) return;
    if (flags->config.empty() && !flags->keys) throw CLI::RequiredError("config");
    run_train(*flags);
  });
}

}  // namespace fusion::app
