#include "pipeline/decoder/kv_cache.h"

#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

KvCache::KvCache(int64_t num_layers, at::IntArrayRef shape, const torch::TensorOptions& options) : capacity_(shape[2]) {
  for (int64_t i = 0; i < num_layers; ++i) {
    keys_.push_back(torch::empty(shape, options));
    values_.push_back(torch::empty(shape, options));
  }
}

std::pair<torch::Tensor, torch::Tensor> KvCache::append(int64_t layer, const torch::Tensor& keys,
                                                        const torch::Tensor& values) {
  const int64_t n = keys.size(2);
  if (length_ + n > capacity_) {
    throw Error({.who = "KV cache",
                 .expected = cat("at most ", capacity_, " positions"),
                 .got = cat(length_ + n),
                 .hint = "ask for fewer new tokens or shorten the conversation"});
  }
  keys_[layer].narrow(2, length_, n).copy_(keys);
  values_[layer].narrow(2, length_, n).copy_(values);
  return {keys_[layer].narrow(2, 0, length_ + n), values_[layer].narrow(2, 0, length_ + n)};
}

}  // namespace fusion
