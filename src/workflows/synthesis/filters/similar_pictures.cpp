#include "workflows/synthesis/filters/similar_pictures.h"

#include <algorithm>
#include <bit>

namespace fusion {

namespace {

constexpr int kQuarterBits = 16;
constexpr size_t kBucketSize = 4096;

size_t quarter_of(uint64_t hash, size_t quarter) {
  return (hash >> (kQuarterBits * static_cast<int>(quarter))) & 0xFFFF;
}

}  // namespace

bool SimilarPictures::bucket_contains(const Bucket& bucket, uint64_t hash, int distance) const {
  return std::ranges::any_of(bucket.hashes, [&](uint64_t other) { return std::popcount(other ^ hash) <= distance; });
}

bool SimilarPictures::contains(uint64_t hash, int distance) const {
  if (exact_.count(hash) > 0) return true;
  if (distance == 0 || exact_.size() == 0) return false;
  for (size_t quarter = 0; quarter < kQuarters; ++quarter) {
    const size_t value = quarter_of(hash, quarter);
    if (bucket_contains(quarters_[quarter][value], hash, distance)) return true;
    // Up to three bits leave one of the four quarters as it is; more may change one bit in each.
    if (distance < static_cast<int>(kQuarters)) continue;
    for (int bit = 0; bit < kQuarterBits; ++bit) {
      if (bucket_contains(quarters_[quarter][value ^ (size_t{1} << bit)], hash, distance)) return true;
    }
  }
  return false;
}

void SimilarPictures::add(uint64_t hash) {
  const bool known = exact_.count(hash) > 0;
  exact_.add(hash);
  if (known) return;
  for (size_t quarter = 0; quarter < kQuarters; ++quarter) {
    quarters_[quarter].resize(size_t{1} << kQuarterBits);
    Bucket& bucket = quarters_[quarter][quarter_of(hash, quarter)];
    if (bucket.hashes.size() < kBucketSize) {
      bucket.hashes.push_back(hash);
    } else {
      bucket.hashes[bucket.next] = hash;
      bucket.next = (bucket.next + 1) % kBucketSize;
    }
  }
}

}  // namespace fusion
