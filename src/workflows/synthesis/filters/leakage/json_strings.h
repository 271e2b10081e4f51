#pragma once
// The texts in a JSON, whatever its form.

#include <functional>
#include <string>
#include <string_view>

namespace fusion {

/// Calls `use` for each string value (no keys) as it comes, so that a large file costs no more memory than its text.
/// False where the JSON is broken; the strings before that were used.
bool for_each_json_string(std::string_view json, const std::function<void(const std::string&)>& use);

}  // namespace fusion
