#pragma once
// Features of pictures that were seen before, bounded in bytes.

#include <torch/types.h>

#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace fusion {

/// Keeps the tensors used last. Safe for several threads; tensors are shared, never changed.
class FeatureCache {
 public:
  /// \param capacity  bytes of all tensors together; 0 keeps nothing
  explicit FeatureCache(uint64_t capacity) : capacity_(capacity) {}

  std::optional<torch::Tensor> find(const std::string& key);

  /// A tensor larger than the whole cache is not kept.
  void insert(const std::string& key, const torch::Tensor& value);

  /// Bytes held now.
  uint64_t bytes() const;

 private:
  using Entry = std::pair<std::string, torch::Tensor>;
  void drop(std::list<Entry>::iterator entry);

  const uint64_t capacity_;
  mutable std::mutex mutex_;
  std::list<Entry> entries_;  // the one used last in front
  std::unordered_map<std::string, std::list<Entry>::iterator> index_;
  uint64_t bytes_ = 0;
};

}  // namespace fusion
