#pragma once
// Named intermediates: what a forward pass computed, for comparison with the reference.

#include <torch/types.h>

#include <map>
#include <string>
#include <utility>

#include "foundation/core/text.h"

namespace fusion {

/// Every recorded tensor by its name.
using Trace = std::map<std::string, torch::Tensor>;

/// Where a stage records its intermediates. Without a sink it costs a null check.
///
///     trace.record(h, "hidden.", k);                  // "hidden.3"
///     tower(pixels, trace.inside("vision.split."));   // "vision.split.hidden.3"
class TraceScope {
 public:
  TraceScope() = default;
  explicit TraceScope(Trace* sink, std::string prefix = "") : sink_(sink), prefix_(std::move(prefix)) {}

  template <class... Name>
  void record(const torch::Tensor& tensor, const Name&... name) const {
    if (sink_ != nullptr) sink_->insert_or_assign(cat(prefix_, name...), tensor);
  }

  bool active() const { return sink_ != nullptr; }

  TraceScope inside(const std::string& prefix) const { return TraceScope(sink_, prefix_ + prefix); }

 private:
  Trace* sink_ = nullptr;
  std::string prefix_;
};

}  // namespace fusion
