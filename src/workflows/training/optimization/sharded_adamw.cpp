#include "workflows/training/optimization/sharded_adamw.h"

#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

/// Tensors side by side, one for each owned piece with a gradient.
struct ShardedAdamW::UpdateLists {
  std::vector<torch::Tensor> weights = {};
  std::vector<torch::Tensor> gradients = {};
  std::vector<torch::Tensor> exp_avgs = {};
  std::vector<torch::Tensor> exp_avg_sqs = {};
  std::vector<torch::Tensor> steps = {};
};

namespace {

/// Norms of short rows of a 1-D tensor, which together are its norm. A float32 sum over many millions of squares loses
/// the third digit, and how the processes share the gradient would show in how it is clipped.
void add_row_norms(const torch::Tensor& tensor, std::vector<torch::Tensor>& norms) {
  constexpr int64_t kRow = 4096;
  const int64_t in_rows = tensor.numel() / kRow * kRow;
  if (in_rows > 0) norms.push_back(at::linalg_vector_norm(tensor.narrow(0, 0, in_rows).view({-1, kRow}), 2, {1}));
  if (in_rows < tensor.numel())
    norms.push_back(
        at::linalg_vector_norm(tensor.narrow(0, in_rows, tensor.numel() - in_rows), 2, {0}, /*keepdim=*/true));
}

}  // namespace

ShardedAdamW::ShardedAdamW(GroupedParameters grouped, const AdamWOptions& options, Communicator& communicator)
    : grouped_(std::move(grouped)),
      options_(options),
      communicator_(communicator),
      buckets_(flatten_parameters(grouped_, communicator.world_size(), options.bucket_bytes)),
      gradients_(buckets_, communicator) {
  for (FlatBucket& bucket : buckets_) {
    communicator_.broadcast(bucket.weights, 0);
    Shard& shard = shards_.emplace_back();
    shard.weights = bucket.part_of(bucket.weights, communicator_.rank());
    shard.exp_avg = torch::zeros_like(shard.weights);
    shard.exp_avg_sq = torch::zeros_like(shard.weights);
    if (options_.ema_decay) shard.ema = shard.weights.clone();
    skipped_.emplace_back(bucket.parameters.size(), 0);
  }
  owned_ = owned_pieces();
}

std::vector<ShardedAdamW::Owned> ShardedAdamW::owned_pieces() const {
  std::vector<Owned> pieces;
  for (size_t b = 0; b < buckets_.size(); ++b) {
    const int64_t part_begin = communicator_.rank() * buckets_[b].part;
    const int64_t part_end = part_begin + buckets_[b].part;
    for (size_t p = 0; p < buckets_[b].parameters.size(); ++p) {
      const FlatParameter& parameter = buckets_[b].parameters[p];
      const int64_t begin = std::max(parameter.begin, part_begin);
      const int64_t end = std::min(parameter.begin + parameter.size, part_end);
      if (begin < end) pieces.push_back({b, p, begin - parameter.begin, begin - part_begin, end - begin});
    }
  }
  return pieces;
}

double ShardedAdamW::gradient_norm() const {
  std::vector<torch::Tensor> norms;
  for (const Owned& piece : owned_) {
    if (!gradients_.has_gradient(piece.bucket, piece.parameter)) continue;
    add_row_norms(gradients_.gradient(piece.bucket, piece.parameter, piece.begin, piece.size), norms);
  }
  const auto device = buckets_.front().weights.device();
  torch::Tensor squares = torch::zeros({1}, torch::dtype(torch::kFloat64).device(device));
  if (!norms.empty()) squares += torch::cat(norms).to(torch::kFloat64).square().sum();
  communicator_.all_reduce_sum(squares);
  return std::sqrt(squares.item<double>());
}

/// Counts the steps of every piece of the group; those without a gradient are not in the lists.
ShardedAdamW::UpdateLists ShardedAdamW::lists_of_group(size_t group) {
  UpdateLists lists;
  std::map<int64_t, torch::Tensor> counts;  // one tensor for all parameters with as many steps
  for (const Owned& piece : owned_) {
    if (buckets_[piece.bucket].group != group || !gradients_.has_gradient(piece.bucket, piece.parameter)) continue;
    const Shard& shard = shards_[piece.bucket];
    const auto of = [&](const torch::Tensor& whole) { return whole.narrow(0, piece.in_shard, piece.size); };
    const int64_t count = steps_ - skipped_[piece.bucket][piece.parameter];
    torch::Tensor& count_tensor = counts[count];
    if (!count_tensor.defined()) {
      count_tensor = torch::full({}, static_cast<double>(count), shard.weights.options());
    }
    lists.weights.push_back(of(shard.weights));
    lists.gradients.push_back(gradients_.gradient(piece.bucket, piece.parameter, piece.begin, piece.size));
    lists.exp_avgs.push_back(of(shard.exp_avg));
    lists.exp_avg_sqs.push_back(of(shard.exp_avg_sq));
    lists.steps.push_back(count_tensor);
  }
  return lists;
}

void ShardedAdamW::step(double rate_factor, std::optional<double> clip_norm, double norm) {
  const torch::NoGradGuard no_grad;
  ++steps_;
  for (size_t b = 0; b < buckets_.size(); ++b) {
    for (size_t p = 0; p < skipped_[b].size(); ++p) skipped_[b][p] += gradients_.has_gradient(b, p) ? 0 : 1;
  }
  std::optional<torch::Tensor> divisor;  // of the gradients; the same as torch's clip_grad_norm_
  if (clip_norm && norm + 1e-6 > *clip_norm) {
    divisor = torch::full({}, (norm + 1e-6) / *clip_norm, buckets_.front().weights.options());
  }
  for (size_t g = 0; g < grouped_.groups.size(); ++g) {
    const ParameterGroup& group = grouped_.groups[g];
    const UpdateLists lists = lists_of_group(g);
    if (lists.weights.empty()) continue;
    at::_fused_adamw_(lists.weights, lists.gradients, lists.exp_avgs, lists.exp_avg_sqs, {}, lists.steps,
                      group.lr * rate_factor, options_.beta1, options_.beta2, group.weight_decay, options_.eps,
                      /*amsgrad=*/false, /*maximize=*/false, divisor);
  }
  if (options_.ema_decay) {
    for (Shard& shard : shards_) shard.ema.lerp_(shard.weights, 1 - *options_.ema_decay);
  }
  gradients_.clear();
  gather_weights();
}

void ShardedAdamW::gather_weights() {
  if (communicator_.world_size() == 1) return;
  for (size_t b = 0; b < buckets_.size(); ++b) communicator_.all_gather(buckets_[b].weights, shards_[b].weights);
}

std::vector<std::string> ShardedAdamW::kinds() const {
  std::vector<std::string> kinds{"weight", "exp_avg", "exp_avg_sq"};
  if (options_.ema_decay) kinds.emplace_back("ema");
  return kinds;
}

const torch::Tensor& ShardedAdamW::state(const Shard& shard, const std::string& kind) const {
  if (kind == "weight") return shard.kept_weights.defined() ? shard.kept_weights : shard.weights;
  if (kind == "exp_avg") return shard.exp_avg;
  if (kind == "exp_avg_sq") return shard.exp_avg_sq;
  if (kind == "ema" && options_.ema_decay) return shard.ema;
  throw Error({.who = "optimiser state", .expected = "one of " + join(kinds(), ", "), .got = printable(kind)});
}

std::vector<ParameterPiece> ShardedAdamW::pieces(const std::string& kind) const {
  std::vector<ParameterPiece> pieces;
  pieces.reserve(owned_.size());
  for (const Owned& piece : owned_) {
    pieces.push_back({buckets_[piece.bucket].parameters[piece.parameter].name, piece.begin,
                      state(shards_[piece.bucket], kind).narrow(0, piece.in_shard, piece.size)});
  }
  return pieces;
}

void ShardedAdamW::load(const std::function<torch::Tensor(const std::string& kind, const std::string& name)>& source) {
  const torch::NoGradGuard no_grad;
  for (const std::string& kind : kinds()) {
    for (const Owned& piece : owned_) {
      const FlatParameter& parameter = buckets_[piece.bucket].parameters[piece.parameter];
      const torch::Tensor whole = source(kind, parameter.name);
      if (!whole.defined() || whole.dim() != 1 || whole.numel() != parameter.size) {
        throw Error({.who = cat(kind, " of ", parameter.name),
                     .expected = cat(parameter.size, " values"),
                     .got = whole.defined() ? "shape " + join(whole.sizes(), "x") : "none",
                     .cause = "the checkpoint is of another model"});
      }
      state(shards_[piece.bucket], kind)
          .narrow(0, piece.in_shard, piece.size)
          .copy_(whole.narrow(0, piece.begin, piece.size));
    }
  }
  gather_weights();
}

std::map<std::string, int64_t> ShardedAdamW::skipped_steps() const {
  std::map<std::string, int64_t> skipped;
  for (size_t b = 0; b < buckets_.size(); ++b) {
    for (size_t p = 0; p < skipped_[b].size(); ++p) {
      if (skipped_[b][p] > 0) skipped[buckets_[b].parameters[p].name] = skipped_[b][p];
    }
  }
  return skipped;
}

void ShardedAdamW::set_steps(int64_t steps, const std::map<std::string, int64_t>& skipped) {
  size_t known = 0;
  for (size_t b = 0; b < buckets_.size(); ++b) {
    for (size_t p = 0; p < skipped_[b].size(); ++p) {
      const auto found = skipped.find(buckets_[b].parameters[p].name);
      skipped_[b][p] = found == skipped.end() ? 0 : found->second;
      known += found == skipped.end() ? 0 : 1;
    }
  }
  if (known != skipped.size()) {
    throw Error({.who = "skipped steps",
                 .expected = "parameters that are trained",
                 .got = cat(skipped.size() - known, " others"),
                 .cause = "the checkpoint is of another model or of other parameter groups"});
  }
  steps_ = steps;
}

void ShardedAdamW::use_ema() {
  if (!options_.ema_decay || shards_.front().kept_weights.defined()) return;
  const torch::NoGradGuard no_grad;
  for (Shard& shard : shards_) {
    shard.kept_weights = shard.weights.clone();
    shard.weights.copy_(shard.ema);
  }
  gather_weights();
}

void ShardedAdamW::use_weights() {
  if (!shards_.front().kept_weights.defined()) return;
  const torch::NoGradGuard no_grad;
  for (Shard& shard : shards_) {
    shard.weights.copy_(shard.kept_weights);
    shard.kept_weights.reset();
  }
  gather_weights();
}

}  // namespace fusion
