#pragma once
// How alike two sets are, from 64 bytes of each (Broder 1997; 8 bits a hash: Li and Koenig 2010).

#include <array>
#include <cstdint>
#include <span>

namespace fusion {

/// 64 hashes of 8 bits, in 8 bands of 8.
using MinHash = std::array<uint64_t, 8>;

/// Of a set of hashes; one that is repeated counts once. Equal on every machine.
MinHash min_hash(std::span<const uint64_t> elements);

/// An estimate of the sets' Jaccard index (what they share over what they have together), 0 to 1. Its standard
/// deviation is at most 0.063, at an index of 0.8 it is 0.05.
double similarity(const MinHash& a, const MinHash& b);

}  // namespace fusion
