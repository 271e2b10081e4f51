#pragma once
// A summary for people and for programs.

#include <nlohmann/json.hpp>
#include <string>

#include "workflows/assembly/summary.h"

namespace fusion {

/// Aligned tables, a line each: architecture, parameters by part, memory, tokenizer, files, notes.
std::string text_report(const ModelSummary& model);

/// The same as one object; sizes in bytes, nothing rounded.
nlohmann::ordered_json json_report(const ModelSummary& model);

}  // namespace fusion
