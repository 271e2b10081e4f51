#pragma once
// Random choices that are the same on every machine: std::shuffle and the standard distributions differ between
// libraries.

#include <cstdint>
#include <iterator>
#include <random>
#include <span>
#include <utility>

namespace fusion {

/// One stream of random numbers, told apart from others of the same seed by `stream`.
class RandomSource {
 public:
  explicit RandomSource(uint64_t seed, uint64_t stream = 0) : generator_(mixed(mixed(seed) + stream)) {}

  /// Every number from 0 to bound - 1 is as likely as another. `bound` is not 0.
  uint64_t below(uint64_t bound) {
    // 2^64 mod bound numbers are dropped, for the rest to be a multiple of bound.
    const uint64_t dropped = (0 - bound) % bound;
    uint64_t drawn = generator_();
    while (drawn < dropped) drawn = generator_();
    return drawn % bound;
  }

  /// From 0 to 1, 1 excluded.
  double uniform() { return static_cast<double>(generator_() >> 11) * 0x1p-53; }

  double uniform(double low, double high) { return low + (high - low) * uniform(); }

  /// Every number from low to high, both included, is as likely as another.
  int64_t between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(below(static_cast<uint64_t>(high - low) + 1));
  }

  bool chance(double probability) { return uniform() < probability; }

  /// One of a range that has some.
  template <class Range>
  auto& pick(Range& range) {
    return range[below(std::size(range))];
  }

  template <class T>
  void shuffle(std::span<T> values) {
    for (size_t left = values.size(); left > 1; --left) std::swap(values[left - 1], values[below(left)]);
  }

 private:
  /// The finaliser of splitmix64: near seeds give streams that have nothing in common.
  static uint64_t mixed(uint64_t value) {
    value += 0x9e3779b97f4a7c15;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
    value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
    return value ^ (value >> 31);
  }

  std::mt19937_64 generator_;
};

}  // namespace fusion
