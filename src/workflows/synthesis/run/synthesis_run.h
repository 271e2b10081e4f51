#pragma once
// A whole run in its folder: what `fusion synth` and its sub-commands do.
//
//     FOLDER/store.sqlite           what became of each item (store/synth_store.h)
//     FOLDER/recipe.json, kinds/    the recipe in full and its kind files: the folder explains itself
//     FOLDER/images/                pictures
//     FOLDER/data/, *.yaml, README.md, webdataset/, report.html   what is written of them at the end

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "workflows/synthesis/export/export.h"
#include "workflows/synthesis/report/status_view.h"
#include "workflows/synthesis/run/recipe.h"
#include "workflows/synthesis/run/run_roles.h"
#include "workflows/synthesis/stages/run_stages.h"

namespace fusion {

struct SynthPlace {
  std::string folder;
  int64_t shard = 0;  ///< 0 to shards - 1
  int64_t shards = 1;
  int64_t threads = 0;                 ///< of the stages that draw and write here; 0: one a core
  OpenAgreementModel open_model = {};  ///< for recipes with agreement.model
};

/// What a run tells while it works; all may be empty.
struct RunListener {
  /// Files read of all in the benchmarks' folders (filters.leakage), before anything else.
  std::function<void(uint64_t done, uint64_t total)> on_benchmarks = {};
  std::function<void(const RunProgress&)> on_progress = {};
  /// Items read of all, while the data set is written.
  std::function<void(uint64_t done, uint64_t total)> on_export = {};
  std::stop_token stop = {};
};

struct RunOutcome {
  RunSummary stages;
  LeakReport benchmarks;  ///< what the run was kept clear of, and what of it could not be read
  /// What was written; nothing where the run was stopped before its end.
  std::optional<ExportSummary> exported;

  /// Conversations of the data set; of the run where none was written.
  int64_t kept() const { return exported ? exported->statistics.funnel.conversations_kept : stages.counts.kept; }
};

/// Begins the run, or goes on with the one in the folder, and writes its data set and report when it comes to its end:
/// the limit, the last caption, or a cap on what it may spend. Throws Error as run_stages and SynthStore::for_run do,
/// with the recipe's keys where they are not those that the run began with.
RunOutcome run_recipe(const Recipe& recipe, const SynthPlace& place, const RunListener& listener = {});

/// Where the run in the folder stands; it may be at work.
StatusView run_status(const std::string& folder);

/// Lets what was set aside be tried again by the next run_recipe(); returns how many items that is.
int64_t retry_failed_items(const std::string& folder);

/// Items that were set aside, with their reasons: the first `limit`.
std::vector<StageFailure> failed_items(const std::string& folder, int64_t limit);

/// Writes FOLDER/report.html from what is there now and returns its path.
std::string write_report(const std::string& folder);

/// Writes the data set of what is there now, as the end of a run does.
ExportSummary export_run(const std::string& folder, const RunListener& listener = {});

/// Shards of one recipe and seed as one data set in `out`: what the filters find twice across them is left out, and
/// the pictures that are kept are linked, or copied. Throws Error, before anything is written, where the runs do not
/// belong together, a shard is missing or not at its end, or `out` is not empty.
ExportSummary merge_runs(const std::vector<std::string>& folders, const std::string& out,
                         const RunListener& listener = {});

}  // namespace fusion
