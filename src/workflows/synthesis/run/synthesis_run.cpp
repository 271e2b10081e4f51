#include "workflows/synthesis/run/synthesis_run.h"

#include <chrono>
#include <filesystem>
#include <system_error>
#include <utility>

#include "foundation/config/output_file.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "workflows/synthesis/report/limited_stream.h"
#include "workflows/synthesis/run/counted_stream.h"
#include "workflows/synthesis/run/run_folder.h"
#include "workflows/synthesis/run/run_roles.h"
#include "workflows/synthesis/stages/status.h"

namespace fusion {

namespace {

namespace fs = std::filesystem;

constexpr int64_t kShownFailures = 20;

double seconds_since_1970() {
  using Seconds = std::chrono::duration<double>;
  return Seconds(std::chrono::system_clock::now().time_since_epoch()).count();
}

StatusView view_of(SynthStore& store, const std::string& currency) {
  const RunIdentity& identity = store.identity();
  StatusView view{.run = cat(store.folder(), ", seed ", identity.seed),
                  .status = read_status(store, seconds_since_1970()),
                  .failures = store.failure_groups(kShownFailures),
                  .currency = currency};
  if (identity.shards > 1) view.run += cat(", shard ", identity.shard, "/", identity.shards);
  return view;
}

int64_t share_of(const Recipe& recipe, const SynthStore& store) {
  return shard_share(recipe.items, store.identity().shard, store.identity().shards);
}

std::string put_report(const RunStatistics& statistics, const Recipe& recipe, SynthStore& store) {
  const std::string path = (fs::path(store.folder()) / "report.html").string();
  write_text_file(
      path, report_page(statistics, report_facts(recipe, store.folder(), view_of(store, recipe.limits.currency))));
  return path;
}

/// Ends an export, which leaves the files of the one before.
struct ExportStopped {};

/// The listener, which looks at its stop before each item of the export, too.
RunListener stoppable(const RunListener& listener) {
  RunListener out = listener;
  out.on_export = [listener](uint64_t done, uint64_t total) {
    if (listener.stop.stop_requested()) throw ExportStopped();
    if (listener.on_export) listener.on_export(done, total);
  };
  return out;
}

/// The data set and the report of what is judged.
ExportSummary export_store(SynthStore& store, const Recipe& recipe, const Catalogue* catalogue,
                           const RunListener& listener) {
  const auto judged = store.items(ItemFilter::kDone);
  CountedStream counted(*judged, static_cast<uint64_t>(store.counts().done()), listener.on_export);
  LimitedStream kept(counted, share_of(recipe, store));
  ExportSummary summary =
      export_items(kept, store.folder(), recipe.export_options, card_facts(recipe, store.folder(), catalogue));
  put_report(summary.statistics, recipe, store);
  return summary;
}

/// The catalogue of the recipe's drawings; null where it draws none.
std::shared_ptr<const Catalogue> catalogue_of(const Recipe& recipe) {
  return recipe.pictures_from == PicturesFrom::kRenderer ? Catalogue::open(recipe.objects) : nullptr;
}

/// The recipe of the run in the store, as the run was last started with.
Recipe recipe_of(SynthStore& store) {
  Recipe recipe = kept_recipe(store.folder());
  recipe.seed = store.identity().seed;
  return recipe;
}

/// Throws Error, with the keys that differ, where the folder has a run of another recipe. The store knows digests
/// alone, and refuses what is not told here.
void require_same_recipe(const Recipe& recipe, const std::string& folder) {
  std::error_code code;
  if (!fs::exists(fs::path(folder) / "store.sqlite", code)) return;
  std::vector<std::string> keys;
  try {
    keys = differing_keys(kept_recipe(folder), recipe);
  } catch (const Error&) {
    return;  // the kept one cannot be read
  }
  if (keys.empty()) return;
  throw Error({.who = folder,
               .expected = "to go on with the run that began here",
               .got = cat("another one: its recipe differs in ", join(keys, ", ")),
               .hint = "give what it began with, or name another output folder"});
}

}  // namespace

RunOutcome run_recipe(const Recipe& recipe, const SynthPlace& place, const RunListener& listener) {
  const RunRoles roles = make_roles(recipe, place.open_model, listener.on_benchmarks);
  require_same_recipe(recipe, place.folder);
  SynthStore store = SynthStore::for_run(
      place.folder,
      {.recipe = recipe_digest(recipe), .seed = recipe.seed, .shard = place.shard, .shards = place.shards});
  keep_recipe(recipe, place.folder);
  StageOptions options = stage_options(recipe, place.threads);
  options.progress = listener.on_progress;
  options.stop = listener.stop;
  RunOutcome outcome{.stages = run_stages(store, roles.roles(), options),
                     .benchmarks = roles.benchmarks->report(),
                     .exported = std::nullopt};
  if (outcome.stages.end == RunEnd::kStopped) return outcome;
  try {
    outcome.exported = export_store(store, recipe, roles.catalogue.get(), stoppable(listener));
  } catch (const ExportStopped&) {
    outcome.stages.end = RunEnd::kStopped;
  }
  return outcome;
}

StatusView run_status(const std::string& folder) {
  SynthStore store = SynthStore::for_reading(folder);
  return view_of(store, recipe_of(store).limits.currency);
}

int64_t retry_failed_items(const std::string& folder) {
  return SynthStore::for_change(folder).retry_failed();
}

std::vector<StageFailure> failed_items(const std::string& folder, int64_t limit) {
  return SynthStore::for_reading(folder).failures(-1, limit);
}

std::string write_report(const std::string& folder) {
  SynthStore store = SynthStore::for_reading(folder);
  const Recipe recipe = recipe_of(store);
  const auto judged = store.items(ItemFilter::kDone);
  LimitedStream kept(*judged, share_of(recipe, store));
  return put_report(collect_statistics(kept), recipe, store);
}

ExportSummary export_run(const std::string& folder, const RunListener& listener) {
  SynthStore store = SynthStore::for_change(folder);
  const Recipe recipe = recipe_of(store);
  return export_store(store, recipe, catalogue_of(recipe).get(), listener);
}

}  // namespace fusion
