// fusion synth: question-answer data from a recipe.

#include <unistd.h>

#include <cmath>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "foundation/core/error.h"
#include "foundation/core/progress.h"
#include "foundation/core/text.h"
#include "foundation/core/units.h"
#include "fusion/commands.h"
#include "fusion/failure.h"
#include "fusion/flag_checks.h"
#include "fusion/interrupt.h"
#include "fusion/synth_folder.h"
#include "fusion/terminal_output.h"
#include "fusion/usage_error.h"
#include "workflows/synthesis/agreement/checkpoint_agreement.h"
#include "workflows/synthesis/run/run_json.h"
#include "workflows/synthesis/run/synthesis_run.h"

namespace fusion::app {

namespace {

struct SynthFlags {
  std::string recipe;
  std::string out;
  std::optional<int64_t> limit;
  std::optional<int64_t> seed;
  std::string shard = "0/1";
  int64_t threads = 0;
  bool json = false;
  bool quiet = false;
  bool keys = false;
};

/// "2/8": shard and number of shards.
std::pair<int64_t, int64_t> shard_of(const std::string& text) {
  int64_t shard = -1;
  int64_t shards = -1;
  char slash = 0;
  std::istringstream in(text);
  in >> shard >> slash >> shards;
  if (!in.fail() && in.peek() == EOF && slash == '/' && shard >= 0 && shard < shards && shards <= 1'000'000) {
    return {shard, shards};
  }
  throw UsageError({.who = "--shard", .expected = "I/N with I from 0 to N - 1, e.g. 0/4", .got = printable(text)});
}

std::vector<std::string> parts_of(const RunProgress& progress, const std::string& currency) {
  std::vector<std::string> parts;
  const int64_t drawn = progress.counts.waiting[2] + progress.counts.waiting[3] + progress.counts.waiting[4];
  parts.push_back(cat(grouped_text(static_cast<uint64_t>(drawn)), " pictures"));
  if (const int64_t failed = progress.counts.failed_items(); failed > 0) {
    parts.push_back(cat(grouped_text(static_cast<uint64_t>(failed)), " failed"));
  }
  const int64_t tokens = progress.usage.input_tokens + progress.usage.output_tokens;
  if (tokens > 0) parts.push_back(cat(count_text(static_cast<uint64_t>(tokens)), " tokens"));
  if (progress.usage.cost > 0) parts.push_back(cat(std::round(progress.usage.cost * 100) / 100, " ", currency));
  return parts;
}

/// What the person who started the run sees of it, on stderr.
class ShownRun {
 public:
  ShownRun(bool quiet, std::string currency) : quiet_(quiet), currency_(std::move(currency)) {}

  void show(const RunProgress& progress) {
    if (quiet_) return;
    const auto kept = static_cast<uint64_t>(progress.counts.kept);
    if (!bar_) {
      bar_.emplace(std::cerr, options("conversations", kept - static_cast<uint64_t>(progress.kept_now)));
    }
    // Without a limit nobody knows how many there will be: the bar has no end to show.
    const uint64_t total = progress.limit ? static_cast<uint64_t>(*progress.limit) : kept + 1;
    bar_->update(std::min(kept, total), total, parts_of(progress, currency_));
  }
  void show_benchmarks(uint64_t done, uint64_t total) {
    if (quiet_) return;
    if (!benchmarks_) benchmarks_.emplace(std::cerr, options("reading benchmarks", 0));
    benchmarks_->update(done, total);
    if (done == total) benchmarks_->finish();
  }
  void show_export(uint64_t done, uint64_t total) {
    if (quiet_) return;
    if (bar_) bar_->finish();
    if (!writing_) writing_.emplace(std::cerr, options("writing the data set", 0));
    writing_->update(done, total);
    if (done == total) writing_->finish();
  }
  void finish() {
    if (bar_) bar_->finish();
  }

 private:
  static ProgressOptions options(std::string label, uint64_t already) {
    ProgressOptions options = counted_progress(std::move(label), /*silent=*/false);
    options.plain_interval = 10;
    options.already = already;
    return options;
  }

  bool quiet_;
  std::string currency_;
  std::optional<ProgressBar> benchmarks_;
  std::optional<ProgressBar> bar_;
  std::optional<ProgressBar> writing_;
};

/// Hands a signal on to the run, which knows of no signals.
class StopOnSignal {
 public:
  StopOnSignal() : watcher_([this](const std::stop_token& ended) { watch(ended); }) {}

  std::stop_token token() const { return stop_.get_token(); }
  bool interrupted() const { return interrupt_.interrupted(); }

 private:
  void watch(const std::stop_token& ended) {
    while (!ended.stop_requested()) {
      if (interrupt_.interrupted()) {
        stop_.request_stop();
        return;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }

  InterruptGuard interrupt_{StopSignals::kInterruptAndTerminate};
  std::stop_source stop_;
  std::jthread watcher_;
};

nlohmann::ordered_json json_of(const RunOutcome& outcome, const std::string& folder) {
  const RunSummary& run = outcome.stages;
  nlohmann::ordered_json json = {{"folder", folder},
                                 {"end", run_end_text(run.end)},
                                 {"kept", outcome.kept()},
                                 {"items", run.counts.items()},
                                 {"failed_items", run.counts.failed_items()},
                                 {"broken_captions", broken_captions_to_json(run.broken_captions)},
                                 {"broken_benchmarks", outcome.benchmarks.broken},
                                 {"seconds", run.seconds},
                                 {"usage", usage_to_json(run.usage)}};
  json["exported"] = outcome.exported ? export_to_json(*outcome.exported) : nlohmann::ordered_json(nullptr);
  return json;
}

void show_outcome(const RunOutcome& outcome, const SynthFlags& flags) {
  if (flags.json) {
    std::cout << json_of(outcome, flags.out).dump(2) << "\n";
    return;
  }
  const RunSummary& run = outcome.stages;
  std::cout << grouped_text(static_cast<uint64_t>(outcome.kept())) << " conversations kept; " << run_end_text(run.end)
            << ", after " << duration_text(run.seconds) << "\n";
  if (const int64_t failed = run.counts.failed_items(); failed > 0) {
    std::cout << grouped_text(static_cast<uint64_t>(failed)) << " items failed: `fusion synth retry " << flags.out
              << "` says why, and lets the next run try them again\n";
  }
  if (const std::string broken = broken_captions_text(run.broken_captions); !broken.empty()) {
    std::cout << harmless(broken) << "\n";
  }
  if (const LeakReport& read = outcome.benchmarks; read.broken > 0) {
    std::cout << grouped_text(static_cast<uint64_t>(read.broken))
              << " files or lines of the benchmarks could not be read: " << harmless(join(read.examples, "; ")) << "\n";
  }
  if (outcome.exported) std::cout << text_of_export(*outcome.exported, flags.out);
}

void run_synth(const SynthFlags& flags) {
  if (flags.keys) {
    std::cout << describe_recipe();
    return;
  }
  const auto [shard, shards] = shard_of(flags.shard);
  Recipe recipe = read_recipe(flags.recipe);
  if (flags.limit) recipe.items = *flags.limit;
  if (flags.seed) recipe.seed = *flags.seed;
  const StopOnSignal signals;
  ShownRun shown(flags.quiet || flags.json, recipe.limits.currency);
  const RunOutcome outcome =
      run_recipe(recipe,
                 {.folder = flags.out,
                  .shard = shard,
                  .shards = shards,
                  .threads = flags.threads,
                  .open_model = open_checkpoint_agreement},
                 {.on_benchmarks = [&](uint64_t done, uint64_t total) { shown.show_benchmarks(done, total); },
                  .on_progress = [&](const RunProgress& progress) { shown.show(progress); },
                  .on_export = [&](uint64_t done, uint64_t total) { shown.show_export(done, total); },
                  .stop = signals.token()});
  shown.finish();
  if (outcome.stages.end != RunEnd::kStopped) return show_outcome(outcome, flags);
  std::cerr << "fusion: stopped as asked; the same command goes on\n";
  throw Interrupted();
}

}  // namespace

void add_synth(CLI::App& app) {
  const auto flags = std::make_shared<SynthFlags>();
  CLI::App* command = app.add_subcommand("synth", "Write question-answer data, or go on with a run that was stopped");
  command->add_option("recipe", flags->recipe, "YAML file that says what to make")->type_name("FILE");
  command->add_option("-o,--out", flags->out, "Folder of the run")->type_name("FOLDER");
  command->add_option("--limit", flags->limit, "Conversations to keep, instead of the recipe's items")
      ->type_name("N")
      ->check(whole_number(1, int64_t{1} << 40));
  command->add_option("--seed", flags->seed, "Of all random choices, instead of the recipe's")
      ->type_name("S")
      ->check(whole_number(0, int64_t{1} << 53));
  command->add_option("--shard", flags->shard, "This run's share of the items, for several machines")
      ->type_name("I/N")
      ->capture_default_str();
  command->add_option("--threads", flags->threads, "CPU threads; 0: one a core")
      ->check(whole_number(0, 1024))
      ->capture_default_str();
  command->add_flag("--json", flags->json, "Print JSON");
  command->add_flag("-q,--quiet", flags->quiet, "No progress");
  command->add_flag("--keys", flags->keys, "Print the keys that a recipe may have");
  add_synth_folder_commands(*command);
  command->footer(
      "Examples:\n  fusion synth examples/synth/world.yaml --out runs/world --limit 1000\n"
      "  fusion synth status runs/world");
  command->callback([command, flags] {
    if (!command->get_subcommands().empty()) return;
    if (flags->keys) return run_synth(*flags);
    if (flags->recipe.empty()) throw CLI::RequiredError("recipe");
    if (flags->out.empty()) throw CLI::RequiredError("--out");
    run_synth(*flags);
  });
}

}  // namespace fusion::app
