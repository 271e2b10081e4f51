#pragma once
// A plan for people, and as JSON.

#include <nlohmann/json.hpp>
#include <string>

#include "workflows/training/plan/run_plan.h"

namespace fusion {

/// Aligned tables.
std::string text_report(const RunPlan& plan);

/// Bytes, operations and hours as numbers; what is not known is null.
nlohmann::ordered_json json_report(const RunPlan& plan);

}  // namespace fusion
