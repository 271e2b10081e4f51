#include "pipeline/preprocess/resize_filter.h"

#include <algorithm>
#include <cmath>

namespace fusion {

namespace {

constexpr double kSupport = 2.0;

/// Keys' cubic with a = -0.5. The order of operations is part of the result.
double bicubic(double x) {
  constexpr double kA = -0.5;
  x = std::abs(x);
  if (x < 1.0) return ((kA + 2.0) * x - (kA + 3.0)) * x * x + 1.0;
  if (x < 2.0) return (((x - 5.0) * x + 8.0) * x - 4.0) * kA;
  return 0.0;
}

int32_t to_fixed(double weight) {
  const double scaled = weight * (1 << kWeightBits);
  return static_cast<int32_t>(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
}

}  // namespace

FilterBank bicubic_bank(int64_t from, int64_t to) {
  const double scale = static_cast<double>(from) / static_cast<double>(to);
  const double stretch = std::max(scale, 1.0);
  const double support = kSupport * stretch;
  FilterBank bank;
  bank.max_count = static_cast<int64_t>(std::ceil(support)) * 2 + 1;
  bank.spans.resize(to);
  bank.exact.resize(to * bank.max_count);
  bank.weights.resize(to * bank.max_count);
  for (int64_t i = 0; i < to; ++i) {
    const double centre = (static_cast<double>(i) + 0.5) * scale;
    const int64_t first = std::max<int64_t>(0, static_cast<int64_t>(std::floor(centre - support + 0.5)));
    const int64_t end = std::min(from, static_cast<int64_t>(std::floor(centre + support + 0.5)));
    double* exact = bank.exact.data() + i * bank.max_count;
    double sum = 0.0;
    for (int64_t t = 0; t < end - first; ++t) {
      exact[t] = bicubic((static_cast<double>(t + first) - centre + 0.5) * (1.0 / stretch));
      sum += exact[t];
    }
    for (int64_t t = 0; t < end - first; ++t) {
      if (sum != 0.0) exact[t] /= sum;
      bank.weights[i * bank.max_count + t] = to_fixed(exact[t]);
    }
    bank.spans[i] = {first, end - first};
  }
  return bank;
}

}  // namespace fusion
