#include "workflows/assembly/random_tensor.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "foundation/nn/tensor_io.h"

namespace fusion {

namespace {

constexpr int64_t kBlock = int64_t{1} << 18;  // values from one generator
constexpr int64_t kBlocks = 16;               // blocks that are made side by side, then written

enum class Distribution { kNormal, kUniform, kConstant };

/// normal(0, scale), uniform(-scale, scale) or `scale` everywhere.
struct Filling {
  Distribution distribution;
  double scale;
};

constexpr Filling kOnes{.distribution = Distribution::kConstant, .scale = 1};
constexpr Filling kZeros{.distribution = Distribution::kConstant, .scale = 0};

Filling filling_of(const TensorSpec& spec, double stddev) {
  if (spec.name.ends_with(".bias")) return kZeros;
  // Vectors that are no bias are the scales of norms, all but CLIP's class embedding.
  const bool vector = spec.shape.size() < 2;
  if (vector && spec.name.ends_with(".weight")) return kOnes;
  return {.distribution = Distribution::kNormal, .scale = stddev};
}

/// kaiming_uniform with a = sqrt(5), as torch's layers call it, is uniform within 1 / sqrt(fan_in).
Filling torch_filling_of(const TensorSpec& spec, const std::vector<TensorSpec>& module) {
  const bool bias = spec.name.ends_with(".bias");
  const std::string weight = spec.name.substr(0, spec.name.rfind('.')) + ".weight";
  const auto owner = std::ranges::find(module, weight, &TensorSpec::name);
  if (owner == module.end()) {
    throw Error({.who = spec.name, .expected = cat("the weight ", weight, " beside it"), .got = "none"});
  }
  if (owner->shape.size() < 2) return bias ? kZeros : kOnes;
  return {.distribution = Distribution::kUniform, .scale = 1 / std::sqrt(static_cast<double>(owner->shape[1]))};
}

/// FNV-1a over the name, then mixed (the finaliser of splitmix64) with seed and block: generators keep only 32 bits of
/// their seed, so near seeds must not give near ones.
uint64_t block_seed(std::string_view name, uint64_t seed, int64_t block) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  for (const uint64_t part : {seed, static_cast<uint64_t>(block)}) {
    hash += part + 0x9e3779b97f4a7c15;
    hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9;
    hash = (hash ^ (hash >> 27)) * 0x94d049bb133111eb;
    hash ^= hash >> 31;
  }
  return hash;
}

void fill(torch::Tensor values, Filling filling, uint64_t seed) {
  if (filling.distribution == Distribution::kConstant) {
    values.fill_(filling.scale);
    return;
  }
  // In float32 whatever the dtype, so that a bfloat16 checkpoint is the float32 one rounded.
  auto drawn = torch::empty(values.sizes(), torch::kFloat32);
  const auto generator = at::detail::createCPUGenerator(seed);
  if (filling.distribution == Distribution::kNormal) {
    drawn.normal_(0, filling.scale, generator);
  } else {
    drawn.uniform_(-filling.scale, filling.scale, generator);
  }
  values.copy_(drawn);
}

TensorSource filled_tensor(const TensorSpec& spec, Filling filling, DType dtype, uint64_t seed) {
  if (dtype != DType::kF32 && dtype != DType::kF16 && dtype != DType::kBF16) {
    throw Error({.who = "random weights", .expected = "F32, F16 or BF16", .got = std::string(dtype_name(dtype))});
  }
  TensorSource source{.name = spec.name, .dtype = dtype, .shape = spec.shape, .produce = {}};
  const auto count = static_cast<int64_t>(source.byte_count() / dtype_size(dtype));
  source.produce = [spec, filling, dtype, seed, count](const ByteSink& sink) {
    const torch::NoGradGuard no_grad;
    const auto buffer = torch::empty({std::min(count, kBlock * kBlocks)}, scalar_type_of(dtype, spec.name));
    for (int64_t begin = 0; begin < count; begin += kBlock * kBlocks) {
      const int64_t size = std::min(count - begin, kBlock * kBlocks);
      at::parallel_for(0, (size + kBlock - 1) / kBlock, 1, [&](int64_t first, int64_t last) {
        for (int64_t block = first; block < last; ++block) {
          const auto part = buffer.slice(0, block * kBlock, std::min(size, (block + 1) * kBlock));
          fill(part, filling, block_seed(spec.name, seed, begin / kBlock + block));
        }
      });
      sink({static_cast<const std::byte*>(buffer.const_data_ptr()), static_cast<size_t>(size) * dtype_size(dtype)});
    }
  };
  return source;
}

}  // namespace

TensorSource random_tensor(const TensorSpec& spec, DType dtype, uint64_t seed, double stddev) {
  return filled_tensor(spec, filling_of(spec, stddev), dtype, seed);
}

TensorSource torch_default_tensor(const TensorSpec& spec, const std::vector<TensorSpec>& module, DType dtype,
                                  uint64_t seed) {
  return filled_tensor(spec, torch_filling_of(spec, module), dtype, seed);
}

}  // namespace fusion
