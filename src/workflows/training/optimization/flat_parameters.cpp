#include "workflows/training/optimization/flat_parameters.h"

#include <torch/types.h>

namespace fusion {

namespace {

// Parameters and parts begin at whole cache lines, which is also what vectorised kernels like best.
constexpr int64_t kAlignment = 64 / sizeof(float);

int64_t aligned(int64_t size) {
  return (size + kAlignment - 1) / kAlignment * kAlignment;
}

void give_memory(FlatBucket& bucket, int64_t size, int64_t world_size) {
  const torch::NoGradGuard no_grad;
  bucket.part = aligned((size + world_size - 1) / world_size);
  bucket.weights = torch::zeros({bucket.part * world_size},
                                bucket.parameters.front().value.options().dtype(torch::kFloat32).requires_grad(false));
  for (FlatParameter& parameter : bucket.parameters) {
    const auto place = bucket.weights.narrow(0, parameter.begin, parameter.size).view(parameter.value.sizes());
    place.copy_(parameter.value);
    // variable_data: the place alone, so that autograd does not take the parameter for a view.
    parameter.value.set_data(place.variable_data());
  }
}

}  // namespace

std::vector<FlatBucket> flatten_parameters(const GroupedParameters& grouped, int64_t world_size, int64_t bucket_bytes) {
  const int64_t limit = bucket_bytes / static_cast<int64_t>(sizeof(float));
  std::vector<FlatBucket> buckets;
  for (size_t group = 0; group < grouped.groups.size(); ++group) {
    int64_t size = 0;
    bool open = false;
    for (const NamedParameter& parameter : grouped.groups[group].parameters) {
      const int64_t elements = parameter.value.numel();
      if (open && size + elements > limit) {
        give_memory(buckets.back(), size, world_size);
        open = false;
      }
      if (!open) {
        buckets.push_back({.group = group});
        size = 0;
        open = true;
      }
      buckets.back().parameters.push_back({parameter.name, parameter.value, size, elements});
      size = aligned(size + elements);
    }
    if (open) give_memory(buckets.back(), size, world_size);
  }
  return buckets;
}

}  // namespace fusion
