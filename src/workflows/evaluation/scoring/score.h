#pragma once
// How many of how many, and what that says.

#include <cstdint>
#include <nlohmann/json.hpp>

namespace fusion {

struct Interval {
  double low = 0;
  double high = 1;
};

struct Score {
  int64_t right = 0;
  int64_t total = 0;

  void add(bool is_right) {
    right += is_right ? 1 : 0;
    ++total;
  }
  void add(const Score& other) {
    right += other.right;
    total += other.total;
  }
  /// From 0 to 1; 0 where nothing was asked.
  double share() const { return total == 0 ? 0 : static_cast<double>(right) / static_cast<double>(total); }
  /// Wilson's interval of 95 %, which stays between 0 and 1 and is right for few questions too.
  Interval interval() const;

  bool operator==(const Score&) const = default;
};

/// {"accuracy": 0.91, "low": 0.89, "high": 0.93, "right": 455, "total": 500}
nlohmann::ordered_json score_json(const Score& score);

}  // namespace fusion
