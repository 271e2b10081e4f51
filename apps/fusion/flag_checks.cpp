#include "fusion/flag_checks.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <type_traits>
#include <utility>

#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion::app {

namespace {

/// CLI11 would take such a number for an octal one.
bool begins_with_zero(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return text.size() > 1 && text.front() == '0';
}

template <class Number>
Number number_of(const std::string& text, const std::string& expected) {
  Number value{};
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool read = status == std::errc() && end == text.data() + text.size();
  if (read && !(std::is_integral_v<Number> && begins_with_zero(text))) return value;
  throw Error({.expected = expected, .got = text.empty() ? "an empty text" : printable(text)});
}

template <class Number>
FlagCheck sampling_check(Number SamplingOptions::* member, const char* expected) {
  return flag_check([member, expected](const std::string& text) {
    SamplingOptions options;
    options.*member = number_of<Number>(text, expected);
    check(options);
  });
}

}  // namespace

FlagCheck flag_check(std::function<void(const std::string&)> require) {
  return [require = std::move(require)](const std::string& text) -> std::string {
    try {
      require(text);
      return "";
    } catch (const Error& error) {
      ErrorParts parts = error.parts();
      parts.who.clear();  // CLI11 puts the flag's name there
      return Error(std::move(parts)).what();
    }
  };
}

FlagCheck whole_number(int64_t min, int64_t max) {
  return flag_check([min, max](const std::string& text) {
    const std::string expected = cat("a whole number from ", min, " to ", max);
    const auto value = number_of<int64_t>(text, expected);
    if (value < min || value > max) throw Error({.expected = expected, .got = text});
  });
}

FlagCheck number_within(double min, double max) {
  return flag_check([min, max](const std::string& text) {
    const std::string expected = cat("a number from ", min, " to ", max);
    const auto value = number_of<double>(text, expected);
    if (!(value >= min && value <= max)) throw Error({.expected = expected, .got = text});  // nan too
  });
}

FlagCheck sampling_value(double SamplingOptions::* member) {
  return sampling_check(member, "a number");
}

FlagCheck sampling_value(int64_t SamplingOptions::* member) {
  return sampling_check(member, "a whole number");
}

CLI::Validator one_of(std::vector<std::string> names) {
  std::string shown = cat("{", join(names, ","), "}");
  FlagCheck is_known = flag_check([names = std::move(names)](const std::string& text) {
    if (std::find(names.begin(), names.end(), text) != names.end()) return;
    throw Error({.expected = "one of " + join(names, ", "), .got = printable(text)});
  });
  return {[is_known = std::move(is_known)](std::string& text) { return is_known(text); }, std::move(shown)};
}

std::string folder_or(const std::vector<std::string>& names) {
  return cat("FOLDER {", join(names, ","), "}");
}

FlagCheck some_text(std::string what) {
  return flag_check([what = std::move(what)](const std::string& text) {
    if (text.empty()) throw Error({.expected = what, .got = "an empty text"});
  });
}

}  // namespace fusion::app
