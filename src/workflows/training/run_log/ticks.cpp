#include "workflows/training/run_log/ticks.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <iomanip>
#include <sstream>
#include <string_view>

#include "foundation/core/text.h"
#include "foundation/core/units.h"

namespace fusion {

namespace {

constexpr double kRounding = 1e-9;  // of a step: what arithmetic may be off by

/// With a true minus sign, and in groups of three digits from 10,000 on.
std::string number_text(double value, int decimals) {
  std::ostringstream out;
  out << std::fixed << std::setprecision(decimals) << std::abs(value);
  std::string digits = out.str();
  if (decimals == 0 && std::abs(value) >= 9999.5) digits = grouped_text(static_cast<uint64_t>(std::abs(value) + 0.5));
  const bool zero = digits.find_first_not_of("0.") == std::string::npos;
  return value < 0 && !zero ? "−" + digits : digits;
}

std::string power_text(int exponent) {
  constexpr std::array<std::string_view, 10> kRaised = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string text = exponent < 0 ? "10⁻" : "10";
  for (const char digit : cat(std::abs(exponent))) text += kRaised[static_cast<size_t>(digit - '0')];
  return text;
}

int exponent_of(double value) {
  return static_cast<int>(std::floor(std::log10(value) + kRounding));
}

/// The multiples of a step inside a range: from `first` to `last` times it.
struct Multiples {
  double first = 0;
  double last = 0;
};

Multiples multiples_within(double low, double high, double step) {
  return {std::ceil(low / step - kRounding), std::floor(high / step + kRounding)};
}

/// The smallest of 1, 2, 5, 10, 20 ... that has at most `most` multiples in the range.
double nice_step(double low, double high, int most) {
  for (int exponent = exponent_of((high - low) / most) - 1;; ++exponent) {
    for (const int digit : {1, 2, 5}) {
      const double step = digit * std::pow(10, exponent);
      const auto [first, last] = multiples_within(low, high, step);
      if (last - first < most) return step;
    }
  }
}

std::string decade_text(int exponent) {
  constexpr int kLeastPlain = -3, kMostPlain = 4;
  if (exponent < kLeastPlain || exponent > kMostPlain) return power_text(exponent);
  return number_text(std::pow(10, exponent), std::max(0, -exponent));
}

}  // namespace

Ticks linear_ticks(double low, double high, int most) {
  const double step = nice_step(low, high, most);
  const double largest = std::max(std::abs(low), std::abs(high));
  // Long labels share a factor instead of repeating their zeros.
  constexpr int kFewestDecimals = -3;
  constexpr double kLongest = 1e6;
  const bool shared = exponent_of(step) < kFewestDecimals || largest >= kLongest;
  const int exponent = shared ? exponent_of(largest) : 0;
  const int decimals = std::max(0, exponent - exponent_of(step));
  Ticks ticks;
  if (shared) ticks.factor = "×" + power_text(exponent);
  const auto [first, last] = multiples_within(low, high, step);
  for (double index = first; index <= last; ++index) {
    const double value = index * step;
    ticks.major.push_back({value, number_text(value / std::pow(10, exponent), decimals)});
  }
  return ticks;
}

Ticks log_ticks(double low, double high, int most) {
  const int first = static_cast<int>(std::ceil(std::log10(low) - kRounding));
  const int last = static_cast<int>(std::floor(std::log10(high) + kRounding));
  Ticks ticks;
  if (last > first) {
    const int stride = (last - first) / most + 1;
    for (int exponent = first; exponent <= last; exponent += stride) {
      ticks.major.push_back({std::pow(10, exponent), decade_text(exponent)});
    }
    for (int exponent = first - 1; stride == 1 && exponent <= last; ++exponent) {
      for (int digit = 2; digit <= 9; ++digit) {
        const double value = digit * std::pow(10, exponent);
        if (value >= low && value <= high) ticks.minor.push_back(value);
      }
    }
    return ticks;
  }
  for (int exponent = first - 1; exponent <= last; ++exponent) {
    for (const int digit : {1, 2, 5}) {
      const double value = digit * std::pow(10, exponent);
      if (value < low || value > high) continue;
      const bool plain = std::abs(exponent) <= 3;
      ticks.major.push_back(
          {value, plain ? number_text(value, std::max(0, -exponent)) : cat(digit, "×", power_text(exponent))});
    }
  }
  constexpr size_t kEnough = 3;
  return ticks.major.size() >= kEnough ? ticks : linear_ticks(low, high, most);
}

}  // namespace fusion
