#pragma once
// Everything random in a step, as a function of the run's seed and the place in the run: a run that goes on, with any
// number of processes, draws what an uninterrupted one would have drawn.

#include <cstdint>
#include <span>

namespace fusion {

/// A place in a run: a micro-batch of a step.
struct RunPlace {
  uint64_t seed = 0;
  int64_t step = 0;
  int64_t micro_batch = 0;
};

/// 64 bits that look random, different for each place and purpose.
inline uint64_t drawn_bits(const RunPlace& place, uint64_t purpose) {
  // The finaliser of splitmix64 (Steele, Lea, Flood 2014), over each number in turn.
  const auto mix = [](uint64_t z) {
    z += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  };
  uint64_t bits = mix(place.seed);
  bits = mix(bits ^ static_cast<uint64_t>(place.step));
  bits = mix(bits ^ static_cast<uint64_t>(place.micro_batch));
  return mix(bits ^ purpose);
}

/// The latent count of a micro-batch.
inline int64_t drawn_query_len(const RunPlace& place, std::span<const int64_t> choices) {
  constexpr uint64_t kPurpose = 1;
  return choices[drawn_bits(place, kPurpose) % choices.size()];
}

/// The seed of torch's generator in a micro-batch: dropout draws from it.
inline uint64_t drawn_torch_seed(const RunPlace& place) {
  constexpr uint64_t kPurpose = 2;
  return drawn_bits(place, kPurpose);
}

}  // namespace fusion
