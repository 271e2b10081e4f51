#pragma once
// Strict YAML, as the JSON that it stands for: what reads a config file does not know which of the two it was.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace fusion {

/// What a YAML text may cost, every alias counted as what it stands for.
struct YamlLimits {
  uint64_t max_bytes = uint64_t{4} << 20;  ///< of the text, and of all strings in the result
  int max_depth = 64;                      ///< maps and lists inside each other
  uint64_t max_values = 200'000;           ///< numbers, strings, maps ... in all
};

/// The value that `text` spells, null for a text without one. A plain scalar is what YAML 1.2's core schema makes of
/// it: true, false, null, a number (2e-5 and 0x1f are some; "yes" and "1_000" are strings); one in quotes is a string.
/// Keys are strings. `who` names the text in errors, usually its file.
///
/// Throws Error with line and column on a syntax error, broken UTF-8, control characters, a repeated key, a key that
/// is no scalar, a merge key, a tag, an anchor inside itself, a second document, a number that does not fit or is not
/// finite, and where a limit is passed.
nlohmann::json parse_yaml(std::string_view text, const std::string& who, const YamlLimits& limits = {});

/// parse_yaml of the file at `path`.
///
///     const nlohmann::json mixture = read_yaml_file(path);
///     const JsonObject object(mixture, path);
nlohmann::json read_yaml_file(const std::string& path, const YamlLimits& limits = {});

}  // namespace fusion
