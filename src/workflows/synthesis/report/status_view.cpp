#include "workflows/synthesis/report/status_view.h"

#include <algorithm>

#include "foundation/core/text.h"
#include "foundation/core/units.h"
#include "workflows/synthesis/report/number_text.h"
#include "workflows/synthesis/report/text_table.h"

namespace fusion {

namespace {

using Rows = std::vector<std::vector<std::string>>;

std::string stage_table(const StatusView& view) {
  Rows rows = {{"stage", "waiting", "done", "failed", "dropped", "rate"}};
  for (const StageStatus& stage : view.stages) {
    rows.push_back({printable(stage.stage), whole_text(stage.waiting), whole_text(stage.done), whole_text(stage.failed),
                    whole_text(stage.dropped), rate_text(stage.rate)});
  }
  return text_table(rows);
}

std::vector<std::string> usage_row(const std::string& stage, const std::string& provider, const Usage& usage,
                                   const std::string& currency) {
  std::vector<std::string> row = {printable(stage),
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
  Rows rows = {{"stage", "provider", "calls", "retries", "tokens in", "tokens out", "pictures", "work"}};
  if (!view.currency.empty()) rows[0].push_back("cost");
  for (const UsageStatus& each : view.usage) {
    rows.push_back(usage_row(each.stage, each.provider, each.usage, view.currency));
  }
  if (view.usage.size() > 1) rows.push_back(usage_row("all", "", total_usage(view), view.currency));
  return text_table(rows, {1});
}

std::string failure_table(const StatusView& view) {
  constexpr size_t kReasonBytes = 100;
  Rows rows = {{"stage", "items", "why they failed"}};
  for (const FailureStatus& failure : view.failures) {
    rows.push_back({printable(failure.stage), whole_text(failure.items), printable(failure.reason, kReasonBytes)});
  }
  return text_table(rows, {2});
}

std::string forecast_line(const StatusView& view) {
  std::vector<std::string> parts;
  if (view.seconds_left) parts.push_back(cat("done in ", duration_text(*view.seconds_left)));
  if (view.forecast_tokens) parts.push_back(cat(whole_text(*view.forecast_tokens), " tokens in all"));
  if (view.forecast_cost) parts.push_back(cat(money_text(*view.forecast_cost, view.currency), " in all"));
  return parts.empty() ? "" : cat("\nforecast: ", join(parts, ", "), "\n");
}

}  // namespace

Usage total_usage(const StatusView& view) {
  Usage total;
  for (const UsageStatus& each : view.usage) total += each.usage;
  return total;
}

std::string text_status(const StatusView& view) {
  std::string text = cat(printable(view.run, 200), ": ", whole_text(view.kept));
  if (view.limit) text += cat(" of ", whole_text(*view.limit));
  text += " conversations\n";
  if (!view.stages.empty()) text += cat("\n", stage_table(view));
  if (!view.usage.empty()) text += cat("\n", usage_table(view));
  if (!view.failures.empty()) text += cat("\n", failure_table(view));
  return text + forecast_line(view);
}

}  // namespace fusion
