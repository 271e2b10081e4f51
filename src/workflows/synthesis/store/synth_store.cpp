#include "workflows/synthesis/store/synth_store.h"

#include <chrono>
#include <filesystem>
#include <system_error>
#include <utility>

#include "foundation/config/json_file.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "workflows/synthesis/store/empty_folder.h"

namespace fusion {

namespace {

constexpr int64_t kApplication = 0x46535953;  ///< "FSYS", in the file's head: tells a store from other SQLite files
constexpr int64_t kVersion = 1;
constexpr int64_t kPageBytes = 16384;  ///< an item takes 2 to 3 kB: of small pages half would stay empty
constexpr int64_t kStreamedRows = 256;
constexpr JsonLimits kItemLimits{.max_bytes = uint64_t{64} << 20, .max_values = 1'000'000};

constexpr const char* kTables = R"sql(
  CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE items(id INTEGER PRIMARY KEY, stage INTEGER NOT NULL, failed INTEGER NOT NULL DEFAULT 0,
                     attempts INTEGER NOT NULL DEFAULT 0, reason TEXT NOT NULL DEFAULT '', json TEXT NOT NULL);
  CREATE INDEX unfinished ON items(id) WHERE failed = 0 AND stage < 5;
  CREATE INDEX set_aside ON items(id) WHERE failed = 1;
  CREATE TABLE usage(stage INTEGER NOT NULL, provider TEXT NOT NULL, calls INTEGER NOT NULL, retries INTEGER NOT NULL,
                     input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL, pictures INTEGER NOT NULL,
                     seconds REAL NOT NULL, cost REAL NOT NULL, PRIMARY KEY(stage, provider)) WITHOUT ROWID;
  CREATE TABLE sessions(id INTEGER PRIMARY KEY, started REAL NOT NULL, updated REAL NOT NULL, expand INTEGER NOT NULL,
                        draw INTEGER NOT NULL, ask INTEGER NOT NULL, filter INTEGER NOT NULL, kept INTEGER NOT NULL);
)sql";

double seconds_since_1970() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string store_path(const std::string& folder) {
  return (std::filesystem::path(folder) / "store.sqlite").string();
}

void make_folder(const std::string& folder) {
  std::error_code code;
  std::filesystem::create_directories(folder, code);
  if (code) throw Error({.who = folder, .expected = "a folder, or a name to make one", .got = code.message()});
}

void require_file(const std::string& path) {
  std::error_code code;
  if (std::filesystem::exists(path, code)) return;
  throw Error({.who = path,
               .expected = "the store of a synthesis run",
               .got = code ? code.message() : "no such file",
               .hint = "check the folder's name, or begin a run there"});
}

void require_sound(const RunIdentity& identity) {
  if (identity.shards >= 1 && identity.shard >= 0 && identity.shard < identity.shards) return;
  throw Error({.who = "shard",
               .expected = "a number from 0 to the number of shards less one",
               .got = cat(identity.shard, " of ", identity.shards)});
}

const char* filter_condition(ItemFilter filter) {
  switch (filter) {
    case ItemFilter::kAll:
      break;
    case ItemFilter::kDone:
      return " AND stage = 5 AND failed = 0";
    case ItemFilter::kUnfinished:
      return " AND failed = 0 AND stage < 5";
  }
  return "";
}

Stage checked_stage(int64_t number, const std::string& who) {
  if (number >= 1 && number <= static_cast<int64_t>(kStages)) return static_cast<Stage>(number);
  throw Error({.who = who, .expected = "a stage from 1 to 5", .got = cat(number), .cause = "the file is damaged"});
}

class StoredItems : public ItemStream {
 public:
  StoredItems(SynthStore& store, ItemFilter filter) : store_(store), filter_(filter) {}

  std::optional<Item> next() override {
    if (at_ == rows_.size()) {
      rows_ = store_.read(filter_, after_, kStreamedRows);
      at_ = 0;
      if (rows_.empty()) return std::nullopt;
      after_ = rows_.back().item.id;
    }
    return std::move(rows_[at_++].item);
  }

 private:
  SynthStore& store_;
  ItemFilter filter_;
  std::vector<StoredItem> rows_;
  size_t at_ = 0;
  int64_t after_ = -1;
};

}  // namespace

SynthStore SynthStore::for_run(const std::string& folder, const RunIdentity& identity, const StoreLimits& limits) {
  require_sound(identity);
  make_folder(folder);
  std::error_code code;
  if (!std::filesystem::exists(store_path(folder), code)) require_empty_folder(folder);
  return {folder, Mode::kRun, &identity, limits};
}

SynthStore SynthStore::for_change(const std::string& folder) {
  require_file(store_path(folder));
  return {folder, Mode::kChange, nullptr, {}};
}

SynthStore SynthStore::for_reading(const std::string& folder) {
  require_file(store_path(folder));
  return {folder, Mode::kRead, nullptr, {}};
}

SynthStore::SynthStore(const std::string& folder, Mode mode, const RunIdentity* identity, const StoreLimits& limits)
    : folder_(folder),
      path_(store_path(folder)),
      lock_(mode == Mode::kRead ? std::nullopt : std::optional<RunLock>(std::in_place, folder)),
      database_(path_, mode == Mode::kRun      ? Database::Open::kCreate
                       : mode == Mode::kChange ? Database::Open::kChange
                                               : Database::Open::kRead) {
  const bool empty = database_.number("SELECT count(*) FROM sqlite_schema") == 0;
  if (!empty || mode != Mode::kRun) require_store_of_ours();
  if (empty) database_.execute(cat("PRAGMA page_size = ", kPageBytes).c_str());
  if (mode != Mode::kRead) {
    database_.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 67108864");
  }
  if (limits.max_bytes > 0) {
    database_.execute(cat("PRAGMA max_page_count = ", std::max<int64_t>(1, limits.max_bytes / kPageBytes)).c_str());
  }
  if (empty) create_tables(*identity);
  const nlohmann::json stored = parse_json(note("identity").value_or("{}"), path_);
  identity_ = read_fields<RunIdentity>(JsonObject(stored, path_));
  if (identity != nullptr) check_identity(*identity);
}

SynthStore::~SynthStore() {
  if (!lock_) return;
  statements_.clear();
  try {
    // Without its log the file can be read from a folder that cannot be written.
    database_.execute("PRAGMA journal_mode = DELETE");
  } catch (const Error&) {
    // A reader, or a full disk: the log stays, and is read with the file.
  }
}

void SynthStore::require_store_of_ours() {
  if (database_.number("PRAGMA application_id") != kApplication) {
    throw Error({.who = path_,
                 .expected = "the store of a synthesis run",
                 .got = "another program's database",
                 .hint = "name another output folder"});
  }
  const int64_t version = database_.number("PRAGMA user_version");
  if (version == kVersion) return;
  throw Error({.who = path_,
               .expected = cat("a store of version ", kVersion),
               .got = cat("version ", version),
               .cause = version > kVersion ? "a newer program wrote it" : "an older program wrote it",
               .hint = "go on with the program that began it, or begin anew in another folder"});
}

void SynthStore::create_tables(const RunIdentity& identity) {
  Transaction transaction(database_);
  database_.execute(kTables);
  database_.execute(cat("PRAGMA application_id = ", kApplication, "; PRAGMA user_version = ", kVersion).c_str());
  set_note("identity", write_fields(identity).dump());
  write_counts({});
  transaction.commit();
}

void SynthStore::check_identity(const RunIdentity& wanted) {
  const std::vector<std::string> differences = differing_fields(identity_, wanted);
  if (differences.empty()) return;
  throw Error({.who = path_,
               .expected = "to go on with the run that began here",
               .got = cat("another one: ", join(differences, ", ")),
               .hint = "give what it began with, or name another output folder"});
}

Statement& SynthStore::statement(std::string_view sql) {
  const auto known = statements_.find(sql);
  if (known != statements_.end()) return known->second;
  return statements_.emplace(sql, database_.prepare(sql)).first->second;
}

void SynthStore::set_note(std::string_view name, std::string_view text) {
  statement("INSERT INTO meta VALUES(?1, ?2) ON CONFLICT(name) DO UPDATE SET value = ?2")
      .bind(1, name)
      .bind(2, text)
      .run();
}

std::optional<std::string> SynthStore::note(std::string_view name) {
  Statement& query = statement("SELECT value FROM meta WHERE name = ?1").bind(1, name);
  if (!query.step()) return std::nullopt;
  std::string text(query.text(0));
  query.reset();
  return text;
}

RunCounts SynthStore::counts() {
  return counts_from_json(parse_json(note("counts").value_or("{}"), path_), path_);
}

void SynthStore::write_counts(const RunCounts& counts) {
  set_note("counts", counts_to_json(counts).dump());
}

void SynthStore::begin_session() {
  session_id_ = database_.number("SELECT coalesce(max(id), 0) + 1 FROM sessions");
  session_ = {.started = seconds_since_1970()};
}

void SynthStore::commit(const StoreChanges& changes) {
  Transaction transaction(database_);
  RunCounts counts = this->counts();
  WorkSession session = session_;
  session.kept -= counts.kept;
  for (const StoredItem& each : changes.items) put_item(each, counts);
  for (const StageFailure& each : changes.failures) put_failure(each, counts);
  add_usage(changes.usage);
  write_counts(counts);
  session.kept += counts.kept;
  session.updated = seconds_since_1970();
  for (size_t stage = 0; stage < kStages; ++stage) session.passed[stage] += changes.passed[stage];
  if (session_id_ > 0) write_session(session);
  transaction.commit();
  session_ = session;
}

void SynthStore::put_item(const StoredItem& stored, RunCounts& counts) {
  take_out(stored.item.id, counts);
  // Broken UTF-8 from outside is replaced: an item with a spoilt letter is better than none.
  const std::string json = item_to_json(stored.item).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  statement(
      "INSERT INTO items(id, stage, json) VALUES(?1, ?2, ?3) "
      "ON CONFLICT(id) DO UPDATE SET stage = ?2, json = ?3, failed = 0, reason = ''")
      .bind(1, stored.item.id)
      .bind(2, static_cast<int64_t>(stored.stage))
      .bind(3, json)
      .run();
  counts.add(stored.item, stored.stage);
}

void SynthStore::take_out(int64_t id, RunCounts& counts) {
  Statement& query = statement("SELECT stage, failed, iif(stage = 5, json, '') FROM items WHERE id = ?1").bind(1, id);
  if (!query.step()) return;
  const Stage stage = checked_stage(query.integer(0), path_);
  if (query.integer(1) != 0) {
    --counts.failed[stage_index(stage)];
  } else {
    counts.add(stage == Stage::kDone ? parse(id, query.text(2)) : Item{}, stage, -1);
  }
  query.reset();
}

void SynthStore::put_failure(const StageFailure& failure, RunCounts& counts) {
  take_out(failure.id, counts);
  statement("UPDATE items SET failed = 1, stage = ?2, reason = ?3, attempts = attempts + 1 WHERE id = ?1")
      .bind(1, failure.id)
      .bind(2, static_cast<int64_t>(failure.stage))
      .bind(3, printable(failure.reason, 2000))
      .run();
  ++counts.failed[stage_index(failure.stage)];
}

void SynthStore::add_usage(const UsageTable& usage) {
  for (const auto& [key, used] : usage) {
    statement(
        "INSERT INTO usage VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT(stage, provider) DO UPDATE SET "
        "calls = calls + ?3, retries = retries + ?4, input_tokens = input_tokens + ?5, "
        "output_tokens = output_tokens + ?6, pictures = pictures + ?7, seconds = seconds + ?8, cost = cost + ?9")
        .bind(1, static_cast<int64_t>(key.stage))
        .bind(2, key.provider)
        .bind(3, used.calls)
        .bind(4, used.retries)
        .bind(5, used.input_tokens)
        .bind(6, used.output_tokens)
        .bind(7, used.pictures)
        .bind(8, used.seconds)
        .bind(9, used.cost)
        .run();
  }
}

UsageTable SynthStore::usage() {
  UsageTable table;
  Statement& query = statement(
      "SELECT stage, provider, calls, retries, input_tokens, output_tokens, pictures, seconds, cost FROM usage");
  while (query.step()) {
    table[{checked_stage(query.integer(0), path_), std::string(query.text(1))}] = {.calls = query.integer(2),
                                                                                   .retries = query.integer(3),
                                                                                   .input_tokens = query.integer(4),
                                                                                   .output_tokens = query.integer(5),
                                                                                   .pictures = query.integer(6),
                                                                                   .seconds = query.real(7),
                                                                                   .cost = query.real(8)};
  }
  return table;
}

void SynthStore::write_session(const WorkSession& session) {
  statement("INSERT OR REPLACE INTO sessions VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")
      .bind(1, session_id_)
      .bind(2, session.started)
      .bind(3, session.updated)
      .bind(4, session.passed[stage_index(Stage::kExpand)])
      .bind(5, session.passed[stage_index(Stage::kDraw)])
      .bind(6, session.passed[stage_index(Stage::kAsk)])
      .bind(7, session.passed[stage_index(Stage::kFilter)])
      .bind(8, session.kept)
      .run();
}

std::optional<WorkSession> SynthStore::last_session() {
  Statement& query =
      statement("SELECT started, updated, expand, draw, ask, filter, kept FROM sessions ORDER BY id DESC LIMIT 1");
  if (!query.step()) return std::nullopt;
  WorkSession session{.started = query.real(0), .updated = query.real(1), .kept = query.integer(6)};
  for (size_t stage = 0; stage + 1 < kStages; ++stage)
    session.passed[stage] = query.integer(2 + static_cast<int>(stage));
  query.reset();
  return session;
}

int64_t SynthStore::retry_failed() {
  Transaction transaction(database_);
  RunCounts counts = this->counts();
  const int64_t failed = counts.failed_items();
  statement("UPDATE items SET failed = 0, reason = '' WHERE failed = 1").run();
  for (size_t stage = 0; stage < kStages; ++stage) counts.waiting[stage] += std::exchange(counts.failed[stage], 0);
  write_counts(counts);
  transaction.commit();
  return failed;
}

Item SynthStore::parse(int64_t id, std::string_view json) const {
  const std::string who = cat(path_, ": item ", id);
  return item_from_json(parse_json(json, who, kItemLimits), id, who);
}

std::vector<StoredItem> SynthStore::read(ItemFilter filter, int64_t after_id, int64_t limit, ItemParts parts) {
  const char* json = parts == ItemParts::kAll ? "json" : "json_remove(json, '$.scenes')";
  Statement& query = statement(
      cat("SELECT id, stage, ", json, " FROM items WHERE id > ?1", filter_condition(filter), " ORDER BY id LIMIT ?2"));
  query.bind(1, after_id).bind(2, limit);
  std::vector<StoredItem> rows;
  while (query.step()) {
    rows.push_back({.item = parse(query.integer(0), query.text(2)), .stage = checked_stage(query.integer(1), path_)});
  }
  return rows;
}

std::unique_ptr<ItemStream> SynthStore::items(ItemFilter filter) {
  return std::make_unique<StoredItems>(*this, filter);
}

std::vector<StageFailure> SynthStore::failures(int64_t after_id, int64_t limit) {
  Statement& query =
      statement("SELECT id, stage, reason, attempts FROM items WHERE id > ?1 AND failed = 1 ORDER BY id LIMIT ?2");
  query.bind(1, after_id).bind(2, limit);
  std::vector<StageFailure> rows;
  while (query.step()) {
    rows.push_back({.id = query.integer(0),
                    .stage = checked_stage(query.integer(1), path_),
                    .reason = std::string(query.text(2)),
                    .attempts = query.integer(3)});
  }
  return rows;
}

std::vector<FailureGroup> SynthStore::failure_groups(int64_t limit) {
  Statement& query = statement(
      "SELECT stage, reason, count(*) FROM items WHERE failed = 1 GROUP BY stage, reason "
      "ORDER BY count(*) DESC, stage, reason LIMIT ?1");
  query.bind(1, limit);
  std::vector<FailureGroup> groups;
  while (query.step()) {
    groups.push_back({.stage = checked_stage(query.integer(0), path_),
                      .reason = std::string(query.text(1)),
                      .items = query.integer(2)});
  }
  return groups;
}

std::optional<int64_t> SynthStore::last_id() {
  const int64_t last = database_.number("SELECT coalesce(max(id), -1) FROM items");
  return last < 0 ? std::nullopt : std::optional(last);
}

}  // namespace fusion
