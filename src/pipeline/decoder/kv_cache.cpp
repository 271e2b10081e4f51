#include "pipeline/decoder/kv_cache.h"

#include <c10/util/Exception.h>

#include <algorithm>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "foundation/core/units.h"

namespace fusion {

namespace {

torch::Tensor index_of(const std::vector<int64_t>& values, const torch::Tensor& beside) {
  return torch::tensor(values, beside.options().dtype(torch::kInt64));
}

[[noreturn]] void refuse_size(int64_t num_layers, at::IntArrayRef shape, const torch::TensorOptions& options) {
  double bytes = 2.0 * static_cast<double>(num_layers) * static_cast<double>(options.dtype().itemsize());
  for (const int64_t size : shape) bytes *= static_cast<double>(size);
  throw Error({.who = "KV cache",
               .expected = cat(bytes_text(static_cast<uint64_t>(bytes)), " of memory for ", shape[2], " positions"),
               .got = "less than that",
               .hint = "ask for fewer new tokens (--max-tokens), or shorten the conversation"});
}

}  // namespace

KvCache::KvCache(int64_t num_layers, at::IntArrayRef shape, const torch::TensorOptions& options)
    : capacity_(shape[2]), lengths_(static_cast<size_t>(shape[0]), 0) {
  try {
    // What is masked must still be a number, and rows of a batch may come to differ in length.
    const auto blank = [&] { return shape[0] > 1 ? torch::zeros(shape, options) : torch::empty(shape, options); };
    for (int64_t i = 0; i < num_layers; ++i) {
      keys_.push_back(blank());
      values_.push_back(blank());
    }
  } catch (const c10::Error&) {
    refuse_size(num_layers, shape, options);
  }
}

std::pair<torch::Tensor, torch::Tensor> KvCache::append(int64_t layer, const torch::Tensor& keys,
                                                        const torch::Tensor& values) {
  const int64_t n = keys.size(2);
  const int64_t past = longest();
  if (past + n > capacity_) {
    throw Error({.who = "KV cache",
                 .expected = cat("at most ", capacity_, " positions"),
                 .got = cat(past + n),
                 .hint = "ask for fewer new tokens or shorten the conversation"});
  }
  if (is_even()) {
    keys_[layer].narrow(2, past, n).copy_(keys);
    values_[layer].narrow(2, past, n).copy_(values);
  } else {
    using torch::indexing::Slice;
    const auto rows = torch::arange(keys.size(0), keys.options().dtype(torch::kInt64));
    const auto ends = index_of(lengths_, keys);
    keys_[layer].index_put_({rows, Slice(), ends}, keys.squeeze(2));
    values_[layer].index_put_({rows, Slice(), ends}, values.squeeze(2));
  }
  return {keys_[layer].narrow(2, 0, past + n), values_[layer].narrow(2, 0, past + n)};
}

void KvCache::advance(int64_t n) {
  for (int64_t& length : lengths_) length += n;
}

void KvCache::set_lengths(std::vector<int64_t> lengths) {
  lengths_ = std::move(lengths);
}

void KvCache::keep_rows(const std::vector<int64_t>& rows) {
  std::vector<int64_t> lengths;
  for (const int64_t row : rows) lengths.push_back(lengths_[row]);
  lengths_ = std::move(lengths);
  const auto index = index_of(rows, keys_.front());
  for (torch::Tensor& keys : keys_) keys = keys.index_select(0, index);
  for (torch::Tensor& values : values_) values = values.index_select(0, index);
}

std::optional<torch::Tensor> KvCache::visible() const {
  if (is_even()) return std::nullopt;
  const auto place = torch::arange(longest() + 1, keys_.front().options().dtype(torch::kInt64));
  return (place <= index_of(lengths_, keys_.front()).unsqueeze(1)).unsqueeze(1).unsqueeze(1);
}

int64_t KvCache::longest() const {
  return *std::max_element(lengths_.begin(), lengths_.end());
}

bool KvCache::is_even() const {
  return std::all_of(lengths_.begin(), lengths_.end(), [&](int64_t length) { return length == lengths_.front(); });
}

}  // namespace fusion
