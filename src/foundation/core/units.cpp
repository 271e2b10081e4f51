#include "foundation/core/units.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iomanip>
#include <sstream>
#include <string_view>

#include "foundation/core/text.h"

namespace fusion {

namespace {

/// Three digits of `value` and the prefix of its thousands: 5093034784 -> "5.09 G".
std::string scaled(uint64_t value, std::string_view unit) {
  constexpr std::array<std::string_view, 7> kPrefixes = {"", "k", "M", "G", "T", "P", "E"};
  auto number = static_cast<double>(value);
  size_t prefix = 0;
  // 999.5 would be written with four digits.
  for (; number >= (prefix == 0 ? 1000 : 999.5); ++prefix) number /= 1000;
  std::ostringstream out;
  out << std::fixed << std::setprecision(prefix == 0 || number >= 99.95 ? 0 : number >= 9.995 ? 1 : 2) << number;
  if (prefix > 0 || !unit.empty()) out << ' ';
  out << kPrefixes[prefix] << unit;
  return out.str();
}

std::string two_digits(int64_t value) {
  return cat(value < 10 ? "0" : "", value);
}

}  // namespace

std::string bytes_text(uint64_t bytes) {
  return scaled(bytes, "B");
}

std::string count_text(uint64_t count) {
  return scaled(count, "");
}

std::string grouped_text(uint64_t count) {
  std::string text = cat(count);
  for (auto at = static_cast<int64_t>(text.size()) - 3; at > 0; at -= 3) text.insert(static_cast<size_t>(at), 1, ',');
  return text;
}

std::string duration_text(double seconds) {
  constexpr double kLongest = 99 * 3600;
  if (!(seconds < kLongest)) return "more than 99 h";
  const auto whole = static_cast<int64_t>(std::lround(std::max(seconds, 0.0)));
  if (whole < 60) return cat(whole, " s");
  if (whole < 3600) return cat(whole / 60, " min ", two_digits(whole % 60), " s");
  return cat(whole / 3600, " h ", two_digits(whole % 3600 / 60), " min");
}

}  // namespace fusion
