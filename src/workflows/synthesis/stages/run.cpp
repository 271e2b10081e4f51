#include "workflows/synthesis/stages/run.h"

#include <algorithm>
#include <utility>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "workflows/synthesis/stages/picture_file.h"
#include "workflows/synthesis/stages/status.h"

namespace fusion {

namespace {

using namespace std::chrono_literals;

constexpr int64_t kRowsAtOnce = 256;
/// Captions are sent in small portions: results that came meanwhile are not kept waiting.
constexpr int64_t kSentAtOnce = 32;
constexpr auto kReportInterval = 200ms;

void require_range(const char* what, int64_t value, int64_t min, int64_t max) {
  if (value >= min && value <= max) return;
  throw Error({.who = what, .expected = cat("a number from ", min, " to ", max), .got = cat(value)});
}

const StageOptions& checked(const StageOptions& options) {
  require_range("workers of the stage expand", options.expand.workers, 1, 1024);
  require_range("workers of the stage draw", options.draw.workers, 1, 1024);
  require_range("workers of the stage ask", options.ask.workers, 1, 1024);
  require_range("limit", options.limit.value_or(0), 0, int64_t{1} << 48);
  require_range("items on their way", options.max_on_their_way, 0, 1'000'000);
  require_range("results in a commit", options.commit_items, 1, 1'000'000);
  require_range("most tokens", options.max_tokens.value_or(0), 0, INT64_MAX);
  if (options.max_cost && !(*options.max_cost >= 0)) {
    throw Error({.who = "highest cost", .expected = "0 or more", .got = cat(*options.max_cost)});
  }
  return options;
}

int64_t on_their_way_at_most(const StageOptions& options) {
  if (options.max_on_their_way > 0) return options.max_on_their_way;
  return std::max<int64_t>(256, 4 * (options.expand.workers + options.draw.workers + options.ask.workers));
}

/// The most conversations that may come of an item.
int64_t expected_of(const Item& item) {
  return std::max<int64_t>(1, static_cast<int64_t>(item.kinds.size()));
}

}  // namespace

Run::Run(SynthStore& store, const Roles& roles, const StageOptions& options)
    : store_(store),
      roles_(roles),
      options_(checked(options)),
      max_on_their_way_(on_their_way_at_most(options)),
      steps_(roles, options, store.folder()) {
  const RunIdentity& identity = store.identity();
  if (options.limit) limit_ = shard_share(*options.limit, identity.shard, identity.shards);
  const std::optional<int64_t> last = store.last_id();
  next_caption_ = last ? *last + identity.shards : identity.shard;
  for (const auto& [key, used] : store.usage()) used_ += used;
}

RunSummary Run::work() {
  store_.set_note("limit", limit_ ? cat(*limit_) : "");
  store_.set_note("end", "");
  store_.begin_session();
  replay();
  kept_ = kept_before_ = store_.counts().kept;
  workers_.emplace(steps_, options_);
  RunEnd end = RunEnd::kStopped;
  std::exception_ptr error;
  try {
    end = go_on();
  } catch (...) {
    error = std::current_exception();
  }
  wind_down(error);
  if (!error) error = worker_error_;
  if (error) std::rethrow_exception(error);
  if (end != RunEnd::kStopped) store_.set_note("end", run_end_text(end));
  report(/*now=*/true);
  return {.end = end,
          .counts = store_.counts(),
          .usage = used_,
          .seconds = std::chrono::duration<double>(Clock::now() - start_).count(),
          .broken_captions = noted_broken_captions(store_)};
}

void Run::replay() {
  int64_t after = -1;
  while (!options_.stop.stop_requested()) {
    const std::vector<StoredItem> rows = store_.read(ItemFilter::kAll, after, kRowsAtOnce, ItemParts::kWithoutScenes);
    if (rows.empty()) break;
    StoreChanges changes;
    for (const StoredItem& row : rows) {
      after = row.item.id;
      roles_.judge.remember_caption(row.item);
      if (row.stage != Stage::kDone || row.item.picture.empty()) continue;
      if (row.item.dropped_by.empty() && !has_picture(store_.folder(), row.item)) {
        changes.items.push_back({.item = undrawn(after), .stage = Stage::kDraw});
      } else {
        roles_.judge.remember(row.item);
      }
    }
    if (!changes.items.empty()) store_.commit(changes);
  }
}

Item Run::undrawn(int64_t id) {
  Item item = std::move(store_.read(ItemFilter::kAll, id - 1, 1).front().item);
  forget_picture(item);
  return item;
}

RunEnd Run::go_on() {
  while (true) {
    if (const std::optional<RunEnd> end = reason_to_stop()) return *end;
    const bool more = send_items();
    if (frontier_.size() == 0 && !more) break;
    const Clock::time_point now = Clock::now();
    for (StageResult& result : workers_->take(more ? now : now + kReportInterval / 2)) settle(std::move(result));
    judge_what_is_ready();
    commit_if_due();
    report(/*now=*/false);
  }
  return limit_ && kept_ >= *limit_ ? RunEnd::kLimitReached : RunEnd::kSourceEnded;
}

void Run::wind_down(std::exception_ptr& error) {
  stopping_ = true;
  const bool give_up = error != nullptr || options_.stop.stop_requested();
  for (StageResult& result : workers_->finish(give_up)) settle(std::move(result));
  try {
    if (!error) judge_what_is_ready();
  } catch (...) {
    error = std::current_exception();
  }
  try {
    if (!store_failed_) commit();
    if (!store_failed_ && source_asked_) note_broken_captions(store_, roles_.captions.broken());
  } catch (...) {
    if (!error) error = std::current_exception();
  }
}

std::optional<RunEnd> Run::reason_to_stop() const {
  if (worker_error_ || options_.stop.stop_requested()) return RunEnd::kStopped;
  if (options_.max_cost && used_.cost >= *options_.max_cost && used_.cost > 0) return RunEnd::kCostCap;
  const int64_t tokens = used_.input_tokens + used_.output_tokens;
  if (options_.max_tokens && tokens >= *options_.max_tokens && tokens > 0) return RunEnd::kTokenCap;
  return std::nullopt;
}

bool Run::send_items() {
  for (int64_t sent = 0; sent < kSentAtOnce; ++sent) {
    if (frontier_.size() >= max_on_their_way_) return false;
    if (std::optional<StoredItem> stored = next_unfinished()) {
      send_unfinished(std::move(*stored));
    } else if (source_ended_ || (limit_ && kept_ + frontier_.expected() >= *limit_) || !send_caption()) {
      return false;
    }
  }
  return true;
}

std::optional<StoredItem> Run::next_unfinished() {
  if (unfinished_.empty() && !all_read_) {
    // Items of this session have higher ids than those, and do not turn up here: their captions are sent when all
    // that was unfinished has been read.
    for (StoredItem& each : store_.read(ItemFilter::kUnfinished, read_up_to_, kRowsAtOnce)) {
      read_up_to_ = each.item.id;
      unfinished_.push_back(std::move(each));
    }
    all_read_ = unfinished_.empty();
  }
  if (unfinished_.empty()) return std::nullopt;
  StoredItem next = std::move(unfinished_.front());
  unfinished_.pop_front();
  return next;
}

void Run::send_unfinished(StoredItem stored) {
  const bool drawn = stored.stage == Stage::kAsk || stored.stage == Stage::kFilter;
  if (drawn && !has_its_picture(store_.folder(), stored.item, roles_.inspect)) {
    forget_picture(stored.item);
    stored.stage = Stage::kDraw;
    write(stored.item, Stage::kDraw);
  }
  frontier_.enter(stored.item.id, expected_of(stored.item));
  send(stored.stage, std::move(stored.item));
}

bool Run::send_caption() {
  source_asked_ = true;
  std::optional<Item> item = roles_.captions.caption(next_caption_);
  if (!item) {
    source_ended_ = true;
    return false;
  }
  item->id = next_caption_;
  next_caption_ += store_.identity().shards;
  roles_.judge.judge_caption(*item);
  if (!item->dropped_by.empty()) {
    count_barren(barren_captions_, options_.give_up_after_captions, *item);
    write(std::move(*item), Stage::kDone);
    return true;
  }
  barren_captions_ = 0;
  frontier_.enter(item->id, expected_of(*item));
  write(*item, Stage::kExpand);
  send(Stage::kExpand, std::move(*item));
  return true;
}

void Run::send(Stage stage, Item item) {
  if (stage == Stage::kFilter) {
    frontier_.ready(std::move(item));
  } else if (!stopping_) {
    workers_->give(stage, std::move(item));
  }
}

void Run::settle(StageResult result) {
  for (const auto& [key, used] : result.usage) {
    changes_.usage[key] += used;
    used_ += used;
    note_change();
  }
  switch (result.kind) {
    case StageResult::Kind::kDone: {
      failures_in_a_row_[stage_index(result.stage)] = 0;
      ++changes_.passed[stage_index(result.stage)];
      const Stage next = stage_at(stage_index(result.stage) + 1);
      write(result.item, next);
      return send(next, std::move(result.item));
    }
    case StageResult::Kind::kFailed:
      return set_aside(result);
    case StageResult::Kind::kStopped:
      return;
    case StageResult::Kind::kFatal:
      if (!worker_error_) worker_error_ = result.error;
      stopping_ = true;
      return;
  }
}

void Run::set_aside(const StageResult& result) {
  changes_.failures.push_back({.id = result.item.id, .stage = result.stage, .reason = result.reason});
  note_change();
  frontier_.leave(result.item.id);
  if (++failures_in_a_row_[stage_index(result.stage)] < options_.give_up_after_failures || worker_error_) return;
  worker_error_ = std::make_exception_ptr(
      Error({.who = cat("the stage ", stage_name(result.stage)),
             .expected = "to succeed now and then",
             .got = cat(options_.give_up_after_failures, " failures in a row, the last: ", result.reason),
             .hint = "mend what fails, let the items be retried and start again"}));
  stopping_ = true;
}

void Run::judge_what_is_ready() {
  while (std::optional<Item> item = frontier_.next()) {
    roles_.judge.judge(*item);
    ++changes_.passed[stage_index(Stage::kFilter)];
    const int64_t kept = kept_conversations(*item);
    kept_ += kept;
    if (kept > 0) {
      barren_items_ = 0;
    } else {
      count_barren(barren_items_, options_.give_up_after_items, *item);
    }
    write(std::move(*item), Stage::kDone);
  }
}

void Run::count_barren(int64_t& in_a_row, int64_t bound, const Item& item) const {
  if (++in_a_row < bound) return;
  throw Error({.who = "the filters",
               .expected = "to keep something now and then",
               .got = cat(bound, " items in a row dropped, the last by ", item.dropped_by),
               .cause = item.drop_reason,
               .hint = "change the recipe's filters or its captions, in another output folder"});
}

void Run::note_change() {
  if (!std::exchange(changed_, true)) oldest_change_ = Clock::now();
}

void Run::write(Item item, Stage stage) {
  note_change();
  const int64_t id = item.id;
  to_write_.insert_or_assign(id, StoredItem{.item = std::move(item), .stage = stage});
}

void Run::commit_if_due() {
  if (!changed_) return;
  const bool many = static_cast<int64_t>(to_write_.size()) >= options_.commit_items;
  const bool long_ago = std::chrono::duration<double>(Clock::now() - oldest_change_).count() >= options_.commit_seconds;
  if (many || long_ago) commit();
}

void Run::commit() {
  if (!changed_) return;
  for (auto& [id, stored] : to_write_) changes_.items.push_back(std::move(stored));
  to_write_.clear();
  store_failed_ = true;
  store_.commit(changes_);
  store_failed_ = false;
  changes_ = {};
  changed_ = false;
}

void Run::report(bool now) {
  if (!options_.progress || (!now && Clock::now() - reported_ < kReportInterval)) return;
  reported_ = Clock::now();
  options_.progress({.counts = store_.counts(),
                     .limit = limit_,
                     .usage = used_,
                     .seconds = std::chrono::duration<double>(reported_ - start_).count(),
                     .kept_now = kept_ - kept_before_,
                     .on_their_way = frontier_.size()});
}

}  // namespace fusion
