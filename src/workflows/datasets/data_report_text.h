#pragma once
// A data report for people and for programs.

#include <nlohmann/json.hpp>
#include <string>

#include "workflows/datasets/data_report.h"

namespace fusion {

/// Aligned tables: the data sets, the histogram of lengths, the longest micro-batch, the broken records that are
/// listed.
std::string text_report(const DataReport& report, const Mixture& mixture, int64_t max_length);

/// The same as one object.
nlohmann::ordered_json json_report(const DataReport& report, const Mixture& mixture, int64_t max_length);

}  // namespace fusion
