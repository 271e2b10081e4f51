#pragma once
// Where a run stands, for machines.

#include <nlohmann/json.hpp>

#include "workflows/synthesis/items/item.h"
#include "workflows/synthesis/report/status_view.h"

namespace fusion {

nlohmann::ordered_json usage_to_json(const Usage& usage);

/// {"run", "limit", "kept", "stages": {"expand": {"waiting", "passed", "failed", "per_second", "usage"}, ...},
/// "counts", "failures", "broken_captions": {"count", "first"}, "currency", "forecast": {"seconds", "cost", "tokens"}};
/// null for what is not known.
nlohmann::ordered_json status_to_json(const StatusView& view);

}  // namespace fusion
