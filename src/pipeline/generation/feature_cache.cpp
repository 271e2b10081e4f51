#include "pipeline/generation/feature_cache.h"

#include <iterator>

namespace fusion {

std::optional<torch::Tensor> FeatureCache::find(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = index_.find(key);
  if (found == index_.end()) return std::nullopt;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->second;
}

void FeatureCache::insert(const std::string& key, const torch::Tensor& value) {
  const uint64_t size = value.nbytes();
  if (size > capacity_) return;
  const std::lock_guard lock(mutex_);
  // Two threads may have computed the same.
  if (const auto found = index_.find(key); found != index_.end()) drop(found->second);
  entries_.emplace_front(key, value);
  index_[key] = entries_.begin();
  bytes_ += size;
  while (bytes_ > capacity_) drop(std::prev(entries_.end()));
}

uint64_t FeatureCache::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

void FeatureCache::drop(std::list<Entry>::iterator entry) {
  bytes_ -= entry->second.nbytes();
  index_.erase(entry->first);
  entries_.erase(entry);
}

}  // namespace fusion
