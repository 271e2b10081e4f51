#include "workflows/training/adapters/lora.h"

#include <torch/types.h>

#include <algorithm>
#include <set>
#include <utility>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "foundation/nn/parameter.h"
#include "pipeline/model/adapter.h"
#include "pipeline/model/adapter_config.h"
#include "workflows/assembly/random_tensor.h"

namespace fusion {

namespace {

bool matches_any(const std::vector<std::string>& patterns, const std::string& name) {
  return std::ranges::any_of(patterns, [&](const std::string& pattern) { return matches_pattern(pattern, name); });
}

/// \param what  the names are of: "matrices"
void require_matches(const char* key, const std::vector<std::string>& patterns, const char* what,
                     const std::vector<std::string>& names) {
  for (const std::string& pattern : patterns) {
    if (std::ranges::any_of(names, [&](const auto& name) { return matches_pattern(pattern, name); })) continue;
    throw Error({.who = cat(key, " \"", printable(pattern, 200), "\""),
                 .expected = cat("a pattern that matches ", what),
                 .got = cat("none of ", names.size()),
                 .cause = "a pattern matches the whole name, * any characters",
                 .hint = cat("similar names: ", similar_names(pattern, names))});
  }
}

/// Uniform within 1 / sqrt(in) of 0, which is what PEFT's kaiming_uniform with a = sqrt(5) is.
torch::Tensor initial_a(const std::string& name, int64_t rank, int64_t in_features, uint64_t seed) {
  const TensorSpec spec{.name = cat(name, ".lora_A.weight"), .shape = {rank, in_features}};
  auto a = torch::empty(spec.shape, torch::kFloat32);
  auto* next = static_cast<std::byte*>(a.data_ptr());
  torch_default_tensor(spec, {spec}, DType::kF32, seed).produce([&next](std::span<const std::byte> bytes) {
    next = std::ranges::copy(bytes, next).out;
  });
  return a;
}

void refuse_both(const std::string& matrix, const std::vector<std::string>& also_train) {
  for (const char* part : {".weight", ".bias"}) {
    if (!matches_any(also_train, cat(matrix, part))) continue;
    throw Error({.who = cat("lora.also_train matches ", matrix, part),
                 .expected = "parameters of no matrix with an adapter",
                 .got = "one of lora.targets",
                 .cause = "a matrix is trained either itself or by its adapter"});
  }
}

}  // namespace

void check_lora(const LoraSettings& settings, const std::string& who) {
  check_adapter_options(settings.adapter(), who);
  if (settings.targets.empty()) {
    throw Error({.who = cat(who, ": targets"), .expected = "at least one pattern", .got = "none"});
  }
}

void add_adapters(torch::nn::Module& module, const LoraSettings& settings, uint64_t seed) {
  check_lora(settings, "lora");
  const auto linears = linears_of(module);
  std::vector<std::string> names;
  for (const NamedLinear& each : linears) names.push_back(each.name);
  require_matches("lora.targets", settings.targets, "matrices", names);
  require_matches("lora.also_train", settings.also_train, "parameters", module.named_parameters().keys());

  set_requires_grad(module, false);
  for (auto& item : module.named_parameters()) {
    if (matches_any(settings.also_train, item.key())) item.value().set_requires_grad(true);
  }
  for (const auto& [name, linear] : linears) {
    if (!matches_any(settings.targets, name)) continue;
    refuse_both(name, settings.also_train);
    const torch::Tensor& weight = linear->weight();
    const auto options = weight.options().dtype(torch::kFloat32).requires_grad(false);
    linear->add_adapter(settings.adapter(), initial_a(name, settings.rank, weight.size(1), seed).to(options),
                        torch::zeros({weight.size(0), settings.rank}, options));
  }
}

std::vector<std::string> parameters_also_trained(const torch::nn::Module& module, const LoraSettings& settings) {
  std::vector<std::string> names;
  for (const auto& item : module.named_parameters()) {
    if (matches_any(settings.also_train, item.key())) names.push_back(item.key());
  }
  return names;
}

GroupedParameters group_trainable(torch::nn::Module& module, double lr, double weight_decay,
                                  std::span<const GroupRule> rules) {
  std::set<std::string> trainable;
  for (const auto& item : module.named_parameters()) {
    if (item.value().requires_grad()) trainable.insert(item.key());
  }
  GroupedParameters grouped = group_parameters(module, lr, weight_decay, rules);
  for (ParameterGroup& group : grouped.groups) {
    const auto frozen = std::ranges::stable_partition(
        group.parameters, [&](const NamedParameter& parameter) { return trainable.contains(parameter.name); });
    for (NamedParameter& parameter : frozen) {
      parameter.value.set_requires_grad(false);
      grouped.frozen.push_back(std::move(parameter));
    }
    group.parameters.erase(frozen.begin(), frozen.end());
  }
  for (const GroupRule& rule : rules) {
    if (rule.frozen) continue;
    const bool trains =
        std::ranges::any_of(trainable, [&](const std::string& name) { return matches_pattern(rule.match, name); });
    if (trains) continue;
    throw Error({.who = cat("parameter group \"", rule.match, "\""),
                 .expected = "parameters that are trained",
                 .got = "frozen ones only",
                 .cause = "with lora only adapters are trained",
                 .hint = "name them in lora.also_train too"});
  }
  std::erase_if(grouped.groups, [](const ParameterGroup& group) { return group.parameters.empty(); });
  if (grouped.groups.empty()) {
    throw Error({.who = "parameter groups", .expected = "parameters to train", .got = "none: all are frozen"});
  }
  return grouped;
}

}  // namespace fusion
