#pragma once
// Strict JSON: what comes from a file is checked before anything believes it.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace fusion {

/// What a JSON text may cost. Memory is bounded by about 20 bytes a byte of text and 100 bytes a value.
struct JsonLimits {
  uint64_t max_bytes = uint64_t{64} << 20;
  int max_depth = 64;                           ///< objects and arrays inside each other
  uint64_t max_values = uint64_t{8} * 1000000;  ///< numbers, strings, objects ... in all
};

/// The value that `text` spells. `who` names the text in errors, usually its file. Throws Error with line and column on
/// a syntax error, broken UTF-8, a repeated key, and where a limit is passed.
nlohmann::json parse_json(std::string_view text, const std::string& who, const JsonLimits& limits = {});

/// parse_json of the file at `path`.
///
///     const nlohmann::json config = read_json_file(folder + "/config.json");
///     const JsonObject object(config, folder + "/config.json");
nlohmann::json read_json_file(const std::string& path, const JsonLimits& limits = {});

}  // namespace fusion
