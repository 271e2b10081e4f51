#include "workflows/evaluation/scoring/score.h"

#include <algorithm>
#include <cmath>

namespace fusion {

Interval Score::interval() const {
  if (total == 0) return {};
  constexpr double kZ = 1.959963984540054;  // of 95 %
  const auto n = static_cast<double>(total);
  const double p = share();
  const double scale = 1 + kZ * kZ / n;
  const double middle = (p + kZ * kZ / (2 * n)) / scale;
  const double half = kZ / scale * std::sqrt(p * (1 - p) / n + kZ * kZ / (4 * n * n));
  return {.low = std::max(0.0, middle - half), .high = std::min(1.0, middle + half)};
}

nlohmann::ordered_json score_json(const Score& score) {
  const Interval interval = score.interval();
  return {{"accuracy", score.share()},
          {"low", interval.low},
          {"high", interval.high},
          {"right", score.right},
          {"total", score.total}};
}

}  // namespace fusion
