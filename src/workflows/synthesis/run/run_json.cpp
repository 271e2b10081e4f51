#include "workflows/synthesis/run/run_json.h"

#include <optional>
#include <string>

namespace fusion {

namespace {

template <class T>
nlohmann::ordered_json json_or_null(const std::optional<T>& value) {
  return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json(nullptr);
}

}  // namespace

nlohmann::ordered_json usage_to_json(const Usage& usage) {
  return {{"calls", usage.calls},
          {"retries", usage.retries},
          {"input_tokens", usage.input_tokens},
          {"output_tokens", usage.output_tokens},
          {"pictures", usage.pictures},
          {"seconds", usage.seconds},
          {"cost", usage.cost}};
}

nlohmann::ordered_json status_to_json(const StatusView& view) {
  const RunStatus& status = view.status;
  auto stages = nlohmann::ordered_json::object();
  for (const StageProgress& stage : status.stages) {
    stages[std::string(stage_name(stage.stage))] = {{"waiting", stage.waiting},
                                                    {"passed", stage.passed},
                                                    {"failed", stage.failed},
                                                    {"per_second", stage.per_second},
                                                    {"usage", usage_to_json(stage.usage)}};
  }
  auto failures = nlohmann::ordered_json::array();
  for (const FailureGroup& group : view.failures) {
    failures.push_back({{"stage", stage_name(group.stage)}, {"reason", group.reason}, {"items", group.items}});
  }
  return {{"run", view.run},
          {"limit", json_or_null(status.limit)},
          {"kept", kept_within_limit(status)},
          {"stages", stages},
          {"counts", counts_to_json(status.counts)},
          {"failures", failures},
          {"broken_captions", broken_captions_to_json(status.broken_captions)},
          {"currency", view.currency},
          {"forecast",
           {{"seconds", json_or_null(status.seconds_left)},
            {"cost", json_or_null(status.cost_at_limit)},
            {"tokens", json_or_null(status.tokens_at_limit)}}}};
}

}  // namespace fusion
