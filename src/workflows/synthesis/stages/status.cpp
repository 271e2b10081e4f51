#include "workflows/synthesis/stages/status.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>
#include <vector>

#include "foundation/config/json_file.h"
#include "foundation/config/json_object.h"

namespace fusion {

namespace {

/// Items that have come further than the stage; those whose captions were dropped never came to any.
int64_t passed_stage(const RunCounts& counts, size_t stage) {
  int64_t passed = -counts.dropped_captions;
  for (size_t later = stage + 1; later < kStages; ++later) passed += counts.waiting[later] + counts.failed[later];
  return passed;
}

std::optional<int64_t> number_from(const std::optional<std::string>& text) {
  int64_t number = 0;
  if (!text || std::from_chars(text->data(), text->data() + text->size(), number).ec != std::errc())
    return std::nullopt;
  return number;
}

void forecast(RunStatus& status) {
  if (!status.limit || status.counts.kept == 0) return;
  const double share = static_cast<double>(*status.limit) / static_cast<double>(status.counts.kept);
  const double growth = std::max(1.0, share);
  status.cost_at_limit = status.usage.cost * growth;
  status.tokens_at_limit =
      std::llround(static_cast<double>(status.usage.input_tokens + status.usage.output_tokens) * growth);
  const double left = static_cast<double>(std::max<int64_t>(0, *status.limit - status.counts.kept));
  if (left == 0) {
    status.seconds_left = 0;
  } else if (status.kept_per_second > 0) {
    status.seconds_left = left / status.kept_per_second;
  }
}

constexpr const char* kBrokenNote = "broken_captions";

}  // namespace

int64_t kept_within_limit(const RunStatus& status) {
  return status.limit ? std::min(status.counts.kept, *status.limit) : status.counts.kept;
}

nlohmann::ordered_json broken_captions_to_json(const BrokenCaptions& broken) {
  return {{"count", broken.count}, {"first", broken.first}};
}

bool is_at_end(SynthStore& store) {
  return store.note("end") != "";
}

void note_broken_captions(SynthStore& store, const BrokenCaptions& broken) {
  // What stands in a caption's file may be broken UTF-8, which JSON has no place for.
  constexpr auto kReplace = nlohmann::json::error_handler_t::replace;
  store.set_note(kBrokenNote, broken.count == 0 ? "" : broken_captions_to_json(broken).dump(-1, ' ', false, kReplace));
}

BrokenCaptions noted_broken_captions(SynthStore& store) {
  const std::string text = store.note(kBrokenNote).value_or("");
  if (text.empty()) return {};
  const nlohmann::json json = parse_json(text, store.folder());
  const JsonObject note(json, store.folder());
  return {.count = note.required<int64_t>("count"), .first = note.required<std::vector<std::string>>("first")};
}

RunStatus read_status(SynthStore& store, double now) {
  RunStatus status{.counts = store.counts(),
                   .usage_by_provider = store.usage(),
                   .limit = number_from(store.note("limit")),
                   .broken_captions = noted_broken_captions(store)};
  const WorkSession session = store.last_session().value_or(WorkSession{});
  const double worked = session.updated - session.started;
  const auto per_second = [worked](int64_t count) { return worked > 0 ? static_cast<double>(count) / worked : 0; };
  for (size_t i = 0; i < status.stages.size(); ++i) {
    status.stages[i] = {.stage = stage_at(i),
                        .waiting = status.counts.waiting[i],
                        .passed = passed_stage(status.counts, i),
                        .failed = status.counts.failed[i],
                        .per_second = per_second(session.passed[i])};
  }
  for (const auto& [key, used] : status.usage_by_provider) {
    status.stages[stage_index(key.stage)].usage += used;
    status.usage += used;
  }
  status.kept_per_second = per_second(session.kept);
  if (session.updated > 0) status.idle_seconds = std::max(0.0, now - session.updated);
  forecast(status);
  return status;
}

}  // namespace fusion
