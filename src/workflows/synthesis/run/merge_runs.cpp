#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <utility>

#include "foundation/config/output_file.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "workflows/synthesis/export/merged_items.h"
#include "workflows/synthesis/filters/make_judge.h"
#include "workflows/synthesis/report/limited_stream.h"
#include "workflows/synthesis/run/counted_stream.h"
#include "workflows/synthesis/run/run_folder.h"
#include "workflows/synthesis/run/synthesis_run.h"
#include "workflows/synthesis/stages/status.h"
#include "workflows/synthesis/store/empty_folder.h"

namespace fusion {

namespace {

namespace fs = std::filesystem;

/// Judges the items of all shards together, and brings the pictures of those that stay.
class RejudgedItems : public ItemStream {
 public:
  RejudgedItems(MergedItems& items, Judge& judge, std::string out)
      : items_(items), judge_(judge), out_(std::move(out)) {}

  std::optional<Item> next() override {
    auto item = items_.next();
    if (!item) return item;
    judge_.judge_caption(*item);
    judge_.judge(*item);
    if (item->dropped_by.empty()) bring_picture(item->picture, items_.folder(), out_);
    return item;
  }

 private:
  MergedItems& items_;
  Judge& judge_;
  std::string out_;
};

using Stores = std::vector<std::unique_ptr<SynthStore>>;

void require_at_end(SynthStore& store) {
  const RunCounts counts = store.counts();
  const int64_t unfinished = counts.items() - counts.done() - counts.failed_items();
  if (unfinished == 0 && is_at_end(store)) return;
  throw Error({.who = store.folder(),
               .expected = "a run at its end",
               .got = unfinished > 0 ? cat(unfinished, " items under way") : "one that was stopped",
               .hint = "run the shard again: it goes on; a cap of its `limits` has to be raised first"});
}

void require_all(int64_t shards, const std::map<int64_t, std::string>& given) {
  constexpr size_t kShown = 5;
  std::vector<int64_t> missing;
  for (int64_t shard = 0; shard < shards && missing.size() < kShown; ++shard) {
    if (!given.contains(shard)) missing.push_back(shard);
  }
  if (missing.empty()) return;
  const auto others = static_cast<size_t>(shards) - given.size() - missing.size();
  throw Error({.who = "merge",
               .expected = cat("all ", shards, " shards of the run"),
               .got = cat("no shard ", join(missing, ", "), others > 0 ? cat(" and ", others, " more") : ""),
               .hint = "name their folders too; shards count from 0"});
}

void require_one_run(const Stores& stores) {
  std::map<int64_t, std::string> shards;
  const RunIdentity& first = stores.front()->identity();
  for (const auto& store : stores) {
    RunIdentity as_first = store->identity();
    as_first.shard = first.shard;
    const auto differences = differing_fields(as_first, first);
    if (!differences.empty()) {
      throw Error({.who = store->folder(),
                   .expected = cat("a shard of the same run as ", stores.front()->folder()),
                   .got = cat("another ", join(differences, "; "))});
    }
    const auto [place, is_new] = shards.emplace(store->identity().shard, store->folder());
    if (!is_new) {
      throw Error({.who = store->folder(),
                   .expected = "each shard once",
                   .got = cat("shard ", store->identity().shard, ", as ", place->second)});
    }
    require_at_end(*store);
  }
  require_all(first.shards, shards);
}

void require_free_folder(const std::string& out) {
  if (!fs::exists(fs::path(out) / "store.sqlite")) return require_empty_folder(out);
  throw Error({.who = out, .expected = "a folder for the merged data set", .got = "the folder of a run"});
}

}  // namespace

ExportSummary merge_runs(const std::vector<std::string>& folders, const std::string& out, const RunListener& listener) {
  if (folders.empty()) throw Error({.who = "merge", .expected = "folders of runs", .got = "none"});
  require_free_folder(out);
  Stores stores;
  for (const std::string& folder : folders) {
    stores.emplace_back(new SynthStore(SynthStore::for_reading(folder)));
  }
  require_one_run(stores);
  Recipe recipe = kept_recipe(folders.front());

  uint64_t total = 0;
  std::vector<ShardItems> shards;
  for (const auto& store : stores) {
    // A shard may have been started with a higher limit than the first.
    recipe.items = std::max(recipe.items, kept_recipe(store->folder()).items);
    total += static_cast<uint64_t>(store->counts().done());
    shards.push_back({.folder = store->folder(), .items = store->items(ItemFilter::kDone)});
  }
  const KindRegistry kinds = recipe_kinds(recipe);
  const auto judge = make_judge(recipe.filters, kinds, LeakIndex::read(recipe.filters.leakage, listener.on_benchmarks));
  fs::create_directories(out);
  MergedItems merged(std::move(shards));
  RejudgedItems judged(merged, *judge, out);
  CountedStream counted(judged, total, listener.on_export);
  LimitedStream kept(counted, recipe.items);
  const auto catalogue = recipe.pictures_from == PicturesFrom::kRenderer ? Catalogue::open(recipe.objects) : nullptr;
  ExportSummary summary = export_items(kept, out, recipe.export_options, card_facts(recipe, out, catalogue.get()));
  keep_recipe(recipe, out);
  write_text_file((fs::path(out) / "report.html").string(),
                  report_page(summary.statistics, report_facts(recipe, out, {})));
  return summary;
}

}  // namespace fusion
