#include "workflows/training/optimization/gradient_shards.h"

#include <torch/csrc/autograd/function_hook.h>
#include <torch/csrc/autograd/variable.h>
#include <torch/types.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <numeric>

namespace fusion {

/// What autograd calls when it has added to the gradient of a parameter.
class GradientShards::Hook final : public torch::autograd::PostAccumulateGradHook {
 public:
  Hook(GradientShards& owner, size_t bucket, size_t parameter)
      : owner_(owner), bucket_(bucket), parameter_(parameter) {}

  void operator()(const torch::Tensor& /*parameter*/) override { owner_.collect(bucket_, parameter_); }

 private:
  GradientShards& owner_;
  size_t bucket_;
  size_t parameter_;
};

GradientShards::GradientShards(const std::vector<FlatBucket>& buckets, Communicator& communicator)
    : buckets_(buckets), communicator_(communicator), collected_(buckets.size()), order_(buckets.size()) {
  std::iota(order_.rbegin(), order_.rend(), 0);
  for (size_t b = 0; b < buckets_.size(); ++b) {
    const size_t count = buckets_[b].parameters.size();
    collected_[b].slots.resize(count);
    if (communicator_.world_size() == 1) continue;
    for (size_t p = 0; p < count; ++p) {
      torch::autograd::impl::set_post_acc_grad_hooks(buckets_[b].parameters[p].value,
                                                     std::make_unique<Hook>(*this, b, p));
    }
  }
  begin_backward();
}

GradientShards::~GradientShards() {
  for (const FlatBucket& bucket : buckets_) {
    for (const FlatParameter& parameter : bucket.parameters) {
      torch::autograd::impl::set_post_acc_grad_hooks(parameter.value, nullptr);
    }
  }
}

void GradientShards::begin_backward() {
  next_ = 0;
  additions_ = 0;
  for (Collected& own : collected_) {
    own.missing = static_cast<int64_t>(own.slots.size());
    own.reduced = false;
    own.completed = 0;
    for (Slot& slot : own.slots) {
      slot.most_additions = std::max(slot.most_additions, slot.additions);
      slot.additions = 0;
    }
  }
}

void GradientShards::collect(size_t bucket, size_t index) {
  const torch::NoGradGuard no_grad;
  const FlatParameter& parameter = buckets_[bucket].parameters[index];
  Collected& own = collected_[bucket];
  Slot& slot = own.slots[index];
  const torch::Tensor gradient = parameter.value.grad();
  parameter.value.mutable_grad().reset();
  if (!own.whole.defined()) own.whole = torch::empty_like(buckets_[bucket].weights);
  const auto place = own.whole.narrow(0, parameter.begin, parameter.size).view(parameter.value.sizes());
  slot.filled ? place.add_(gradient) : place.copy_(gradient);
  slot.filled = true;
  slot.seen = true;
  ++additions_;
  if (++slot.additions < slot.most_additions) return;
  if (slot.additions == slot.most_additions) --own.missing;
  if (own.missing > 0) return;
  own.completed = additions_;
  if (!own.reduced) reduce_complete_buckets();
}

void GradientShards::reduce_complete_buckets() {
  while (next_ < order_.size()) {
    const auto bucket = static_cast<size_t>(order_[next_]);
    if (collected_[bucket].missing > 0) return;
    reduce(bucket);
    ++next_;
  }
}

void GradientShards::reduce(size_t bucket) {
  const torch::NoGradGuard no_grad;
  const FlatBucket& flat = buckets_[bucket];
  Collected& own = collected_[bucket];
  if (!own.whole.defined()) own.whole = torch::empty_like(flat.weights);
  int64_t end = 0;  // of the parameter before
  const auto clear_up_to = [&](int64_t begin) { own.whole.narrow(0, end, begin - end).zero_(); };
  for (size_t p = 0; p < flat.parameters.size(); ++p) {
    if (!own.slots[p].filled) continue;
    clear_up_to(flat.parameters[p].begin);
    end = flat.parameters[p].begin + flat.parameters[p].size;
  }
  clear_up_to(own.whole.numel());

  torch::Tensor part = torch::empty({flat.part}, own.whole.options());
  communicator_.reduce_scatter_sum(part, own.whole);
  own.whole.reset();
  own.part.defined() ? void(own.part.add_(part)) : void(own.part = std::move(part));
  for (Slot& slot : own.slots) slot.filled = false;
  own.reduced = true;
}

void GradientShards::finish_backward() {
  if (communicator_.world_size() == 1) return;
  for (; next_ < order_.size(); ++next_) reduce(static_cast<size_t>(order_[next_]));
  exchange_seen();
  if (!order_is_learnt_) learn_order();
  begin_backward();
}

/// Tells every process which parameters got a gradient in any, and reduces once more what came after its reduction.
void GradientShards::exchange_seen() {
  std::vector<float> flags;
  for (const Collected& own : collected_) {
    flags.push_back(own.whole.defined() ? 1.0F : 0.0F);
    for (const Slot& slot : own.slots) flags.push_back(slot.seen ? 1.0F : 0.0F);
  }
  torch::Tensor sums = torch::tensor(flags).to(buckets_.front().weights.device());
  communicator_.all_reduce_sum(sums);
  sums = sums.to(torch::kCPU);
  const float* sum = sums.const_data_ptr<float>();
  for (size_t b = 0; b < collected_.size(); ++b) {
    if (*sum++ > 0) reduce(b);
    for (Slot& slot : collected_[b].slots) slot.seen = *sum++ > 0;
  }
}

void GradientShards::learn_order() {
  // Buckets that did not become complete come last.
  std::ranges::stable_sort(order_, {}, [&](int64_t bucket) {
    const int64_t completed = collected_[static_cast<size_t>(bucket)].completed;
    return completed > 0 ? completed : std::numeric_limits<int64_t>::max();
  });
  torch::Tensor order = torch::tensor(order_).to(buckets_.front().weights.device());
  communicator_.broadcast(order, 0);
  order = order.to(torch::kCPU);
  std::copy_n(order.const_data_ptr<int64_t>(), order_.size(), order_.begin());
  order_is_learnt_ = true;
}

bool GradientShards::has_gradient(size_t bucket, size_t parameter) const {
  if (communicator_.world_size() == 1) return buckets_[bucket].parameters[parameter].value.grad().defined();
  return collected_[bucket].slots[parameter].seen;
}

torch::Tensor GradientShards::gradient(size_t bucket, size_t index, int64_t begin, int64_t size) const {
  const FlatParameter& parameter = buckets_[bucket].parameters[index];
  if (communicator_.world_size() == 1) return parameter.value.grad().reshape({-1}).narrow(0, begin, size);
  const int64_t part_begin = communicator_.rank() * buckets_[bucket].part;
  return collected_[bucket].part.narrow(0, parameter.begin + begin - part_begin, size);
}

void GradientShards::clear() {
  for (size_t b = 0; b < buckets_.size(); ++b) {
    for (const FlatParameter& parameter : buckets_[b].parameters) parameter.value.mutable_grad().reset();
    collected_[b].part.reset();
    for (Slot& slot : collected_[b].slots) slot.seen = false;
  }
}

int64_t GradientShards::bytes() const {
  int64_t bytes = 0;
  const auto count = [&](const torch::Tensor& tensor) {
    if (tensor.defined()) bytes += static_cast<int64_t>(tensor.nbytes());
  };
  for (size_t b = 0; b < buckets_.size(); ++b) {
    for (const FlatParameter& parameter : buckets_[b].parameters) count(parameter.value.grad());
    count(collected_[b].whole);
    count(collected_[b].part);
  }
  return bytes;
}

}  // namespace fusion
