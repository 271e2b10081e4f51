#include "workflows/synthesis/report/status_view.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "foundation/core/number_text.h"
#include "foundation/core/text.h"
#include "foundation/core/units.h"
#include "workflows/synthesis/report/text_table.h"

namespace fusion {

namespace {

using Rows = std::vector<std::vector<std::string>>;

std::string stage_table(const RunStatus& status) {
  Rows rows = {{"stage", "waiting", "done", "failed", "rate"}};
  for (const StageProgress& stage : status.stages) {
    rows.push_back({std::string(stage_name(stage.stage)), whole_text(stage.waiting), whole_text(stage.passed),
                    whole_text(stage.failed), rate_text(stage.per_second)});
  }
  return text_table(rows);
}

std::vector<std::string> usage_row(std::string_view stage, const std::string& provider, const Usage& usage,
                                   const std::string& currency) {
  std::vector<std::string> row = {std::string(stage),
                                  printable(provider),
                                  whole_text(usage.calls),
                                  whole_text(usage.retries),
                                  whole_text(usage.input_tokens),
                                  whole_text(usage.output_tokens),
                                  whole_text(usage.pictures),
                                  duration_text(usage.seconds)};
  if (!currency.empty()) row.push_back(money_text(usage.cost, currency));
  return row;
}

std::string usage_table(const StatusView& view) {
  if (view.status.usage_by_provider.empty()) return "";
  Rows rows = {{"stage", "provider", "calls", "retries", "tokens in", "tokens out", "pictures", "work"}};
  if (!view.currency.empty()) rows[0].push_back("cost");
  for (const auto& [key, usage] : view.status.usage_by_provider) {
    rows.push_back(usage_row(stage_name(key.stage), key.provider, usage, view.currency));
  }
  if (rows.size() > 2) rows.push_back(usage_row("all", "", view.status.usage, view.currency));
  return cat("\n", text_table(rows, {1}));
}

std::string drop_table(const RunCounts& counts) {
  std::set<std::string> filters;
  for (const auto& [filter, items] : counts.items_dropped_by) filters.insert(filter);
  for (const auto& [filter, conversations] : counts.conversations_dropped_by) filters.insert(filter);
  if (filters.empty()) return "";
  const auto count = [](const std::map<std::string, int64_t>& by, const std::string& filter) {
    const auto found = by.find(filter);
    return whole_text(found == by.end() ? 0 : found->second);
  };
  Rows rows = {{"dropped by", "items", "conversations"}};
  for (const std::string& filter : filters) {
    rows.push_back(
        {printable(filter), count(counts.items_dropped_by, filter), count(counts.conversations_dropped_by, filter)});
  }
  return cat("\n", text_table(rows));
}

std::string failure_table(const StatusView& view) {
  if (view.failures.empty()) return "";
  constexpr size_t kReasonBytes = 100;
  Rows rows = {{"stage", "failed", "why"}};
  for (const FailureGroup& failure : view.failures) {
    rows.push_back(
        {std::string(stage_name(failure.stage)), whole_text(failure.items), printable(failure.reason, kReasonBytes)});
  }
  return cat("\n", text_table(rows, {2}));
}

std::string forecast_line(const StatusView& view) {
  const RunStatus& status = view.status;
  std::vector<std::string> parts;
  if (status.seconds_left) parts.push_back(cat("done in ", duration_text(*status.seconds_left)));
  if (status.tokens_at_limit.value_or(0) > 0)
    parts.push_back(cat(whole_text(*status.tokens_at_limit), " tokens in all"));
  if (status.cost_at_limit && !view.currency.empty()) {
    parts.push_back(cat(money_text(*status.cost_at_limit, view.currency), " in all"));
  }
  return parts.empty() ? "" : cat("\nforecast: ", join(parts, ", "), "\n");
}

std::string broken_captions_line(const RunStatus& status) {
  const std::string text = broken_captions_text(status.broken_captions);
  return text.empty() ? "" : cat("\n", text, "\n");
}

}  // namespace

std::string broken_captions_text(const BrokenCaptions& broken) {
  if (broken.count == 0) return "";
  constexpr size_t kShown = 3;
  constexpr size_t kReasonBytes = 160;
  std::vector<std::string> parts;
  for (size_t i = 0; i < std::min(kShown, broken.first.size()); ++i) {
    parts.push_back(printable(broken.first[i], kReasonBytes));
  }
  const int64_t more = broken.count - static_cast<int64_t>(parts.size());
  if (more > 0) parts.push_back(cat("and ", whole_text(more), " more"));
  return cat(whole_text(broken.count), broken.count == 1 ? " caption" : " captions", " could not be used and ",
             broken.count == 1 ? "was" : "were", " passed over: ", join(parts, "; "));
}

std::string text_status(const StatusView& view) {
  constexpr double kLongIdle = 60;
  const RunStatus& status = view.status;
  std::string text = cat(printable(view.run, 200), ": ", whole_text(kept_within_limit(status)));
  if (status.limit) text += cat(" of ", whole_text(*status.limit));
  text += " conversations";
  if (status.kept_per_second > 0) text += cat(", ", rate_text(status.kept_per_second));
  if (status.idle_seconds.value_or(0) > kLongIdle)
    text += cat(", the last one ", duration_text(*status.idle_seconds), " ago");
  return cat(text, "\n\n", stage_table(status), usage_table(view), drop_table(status.counts), failure_table(view),
             broken_captions_line(status), forecast_line(view));
}

}  // namespace fusion
