#pragma once
// The durable record of a synthesis run: what became of each item, and what that cost.
//
// One SQLite file (write-ahead log) in the run's folder. A commit is there as a whole or not at all, whatever kills the
// program; a machine that loses power may lose the commits of its last moments, which are then made again. Every query
// goes by ranges of ids over an index: memory does not grow with the run.
//
//     auto store = SynthStore::for_run("out", {.recipe = digest, .seed = 7});
//     store.commit({.items = {{.item = drawn, .stage = Stage::kAsk}}});
//     for (const StoredItem& each : store.read(ItemFilter::kUnfinished, -1, 256)) ...

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "foundation/config/fields.h"
#include "foundation/config/run_lock.h"
#include "workflows/synthesis/items/item.h"
#include "workflows/synthesis/items/item_stream.h"
#include "workflows/synthesis/store/run_counts.h"
#include "workflows/synthesis/store/sqlite.h"

namespace fusion {

/// What the items of a run follow from. A store belongs to one identity for ever.
struct RunIdentity {
  std::string recipe = {};  ///< digest of all in the recipe that the items depend on
  int64_t seed = 0;
  int64_t shard = 0;  ///< 0 to shards - 1: it makes the items shard, shard + shards, shard + 2 * shards ...
  int64_t shards = 1;

  static constexpr auto fields() {
    return std::tuple(field("recipe", &RunIdentity::recipe, "digest of the recipe"),
                      field("seed", &RunIdentity::seed, "of all random choices"),
                      field("shard", &RunIdentity::shard, "which share of the items, from 0"),
                      field("shards", &RunIdentity::shards, "how many shares there are"));
  }
};

struct StoredItem {
  Item item = {};
  Stage stage = Stage::kExpand;  ///< what has to be done next
};

/// An item that was set aside.
struct StageFailure {
  int64_t id = 0;
  Stage stage = Stage::kExpand;  ///< what failed
  std::string reason = {};
  int64_t attempts = 0;  ///< how often it was set aside so far; counted by the store
};

/// Items that were set aside for one reason.
struct FailureGroup {
  Stage stage = Stage::kExpand;
  std::string reason = {};
  int64_t items = 0;
};

/// Who was called for what.
struct UsageKey {
  Stage stage = Stage::kExpand;
  std::string provider = {};

  auto operator<=>(const UsageKey&) const = default;
};
using UsageTable = std::map<UsageKey, Usage>;

/// What happened since the last commit.
struct StoreChanges {
  std::vector<StoredItem> items = {};       ///< new ones, and those that have come to another stage
  std::vector<StageFailure> failures = {};  ///< of items that are in the store, or in `items`
  UsageTable usage = {};
  /// Items that passed each stage: what rates are worked out from.
  std::array<int64_t, kStages> passed{};
};

/// One stretch of work on the store, from a start of the program to its end.
struct WorkSession {
  double started = 0;  ///< seconds since 1970
  double updated = 0;  ///< time of its last commit
  std::array<int64_t, kStages> passed{};
  int64_t kept = 0;  ///< conversations
};

enum class ItemFilter {
  kAll,
  kDone,        ///< judged, kept or not
  kUnfinished,  ///< with something left to be done, those set aside left out
};

/// How much of an item is read.
enum class ItemParts {
  kAll,
  kWithoutScenes,  ///< in a quarter of the time, where it has any
};

struct StoreLimits {
  int64_t max_bytes = 0;  ///< the file may not grow past it; 0: no bound
};

/// Errors say what is wrong with the file (no store, another program's, damaged, of a newer version, full disk, held by
/// another run) and leave what is in it as it was. For one thread at a time.
class SynthStore {
 public:
  /// Begins a run in `folder`, which is made where it is missing, or goes on with the one that is there. Throws Error
  /// where that one has another identity (what differs is said), where another program runs it now, and where there is
  /// no run but something else.
  static SynthStore for_run(const std::string& folder, const RunIdentity& identity, const StoreLimits& limits = {});
  /// An existing run, to be changed: alone, as for_run.
  static SynthStore for_change(const std::string& folder);
  /// An existing run, also while another program works on it.
  static SynthStore for_reading(const std::string& folder);
  ~SynthStore();
  SynthStore(const SynthStore&) = delete;
  SynthStore& operator=(const SynthStore&) = delete;

  const std::string& folder() const { return folder_; }
  const RunIdentity& identity() const { return identity_; }

  /// Opens a new session, to which later commits belong.
  void begin_session();
  /// All of it or, on an Error, nothing of it.
  void commit(const StoreChanges& changes);
  /// Lets every item that was set aside go on where it failed. Returns how many there were.
  int64_t retry_failed();
  /// Keeps a text beside the items, e.g. the limit of the run.
  void set_note(std::string_view name, std::string_view text);
  std::optional<std::string> note(std::string_view name);

  /// At most `limit` items with an id above `after_id`, in the order of ids.
  std::vector<StoredItem> read(ItemFilter filter, int64_t after_id, int64_t limit, ItemParts parts = ItemParts::kAll);
  /// The same, one by one; the store must outlive it.
  std::unique_ptr<ItemStream> items(ItemFilter filter);
  std::vector<StageFailure> failures(int64_t after_id, int64_t limit);
  /// The `limit` most frequent reasons. Its time grows with the number of items that are set aside.
  std::vector<FailureGroup> failure_groups(int64_t limit);
  /// Highest id; nothing where there are no items.
  std::optional<int64_t> last_id();
  RunCounts counts();
  UsageTable usage();
  /// The latest one that has committed something.
  std::optional<WorkSession> last_session();

 private:
  enum class Mode { kRun, kChange, kRead };
  SynthStore(const std::string& folder, Mode mode, const RunIdentity* identity, const StoreLimits& limits);

  void require_store_of_ours();
  void create_tables(const RunIdentity& identity);
  void check_identity(const RunIdentity& wanted);
  void put_item(const StoredItem& stored, RunCounts& counts);
  void put_failure(const StageFailure& failure, RunCounts& counts);
  void take_out(int64_t id, RunCounts& counts);
  void add_usage(const UsageTable& usage);
  void write_session(const WorkSession& session);
  Item parse(int64_t id, std::string_view json) const;
  void write_counts(const RunCounts& counts);

  std::string folder_;
  std::string path_;
  std::optional<RunLock> lock_;
  Database database_;
  RunIdentity identity_;
  int64_t session_id_ = 0;  ///< 0: none was begun
  WorkSession session_;
  std::map<std::string, Statement, std::less<>> statements_;

  /// The statement for `sql`, compiled once.
  Statement& statement(std::string_view sql);
};

}  // namespace fusion
