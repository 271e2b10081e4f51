#include "pipeline/model/adapter.h"

#include <torch/types.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "foundation/checkpoint/safetensors_writer.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "foundation/nn/tensor_io.h"
#include "pipeline/model/adapter_config.h"

namespace fusion {

namespace {

constexpr const char* kFile = "adapter_model.safetensors";
constexpr std::string_view kPrefix = "base_model.model.";
constexpr std::string_view kA = ".lora_A.weight";
constexpr std::string_view kB = ".lora_B.weight";

struct StoredPair {
  torch::Tensor a;
  torch::Tensor b;
};

/// What the file holds, by names of the model.
struct StoredAdapter {
  std::map<std::string, StoredPair> pairs = {};
  std::map<std::string, torch::Tensor> whole = {};
};

StoredAdapter read_tensors(const std::string& path) {
  const auto file = SafetensorsFile::open(path);
  StoredAdapter stored;
  for (const TensorView& view : file->tensors()) {
    const auto tensor = tensor_of(file, view);
    if (!view.name.starts_with(kPrefix) || !tensor.is_floating_point()) {
      throw Error({.who = cat(path, ": tensor ", printable(view.name, 200)),
                   .expected = cat("float values named ", kPrefix, "..."),
                   .got = std::string(dtype_name(view.dtype)),
                   .cause = "not an adapter, or not one that PEFT wrote"});
    }
    const std::string name = view.name.substr(kPrefix.size());
    if (name.ends_with(kA)) {
      stored.pairs[name.substr(0, name.size() - kA.size())].a = tensor;
    } else if (name.ends_with(kB)) {
      stored.pairs[name.substr(0, name.size() - kB.size())].b = tensor;
    } else {
      stored.whole[name] = tensor;
    }
  }
  if (stored.pairs.empty()) throw Error({.who = path, .expected = "tensors of LoRA adapters", .got = "none"});
  return stored;
}

[[noreturn]] void refuse_name(const std::string& path, const std::string& what, const std::string& name,
                              const std::vector<std::string>& known) {
  const std::string near = closest_match(name, known);
  throw Error({.who = path,
               .expected = cat(what, " of this model"),
               .got = printable(name, 200),
               .cause = "the adapter is of another base model",
               .hint = near.empty() ? "" : cat("the nearest name is ", near)});
}

void require_pair(const std::string& path, const std::string& name, const StoredPair& pair, int64_t rank) {
  for (const auto& [half, other, tensor] : {std::tuple(kA, kB, pair.a), {kB, kA, pair.b}}) {
    if (tensor.defined()) continue;
    throw Error({.who = path,
                 .expected = cat("both halves of the adapter of ", name),
                 .got = cat(other.substr(1), " without ", half.substr(1))});
  }
  if (pair.a.dim() != 2 || pair.b.dim() != 2 || (pair.a.size(0) == rank && pair.b.size(1) == rank)) return;
  throw Error({.who = cat(path, ": adapter of ", name),
               .expected = cat("rank ", rank, ", as adapter_config.json says"),
               .got = cat(pair.a.size(0), " and ", pair.b.size(1))});
}

void require_shape(const std::string& who, const torch::Tensor& tensor, at::IntArrayRef shape) {
  if (tensor.sizes() == shape) return;
  throw Error({.who = who,
               .expected = cat("shape [", join(shape, ", "), "]"),
               .got = cat("[", join(tensor.sizes(), ", "), "]"),
               .cause = "the adapter is of another base model"});
}

/// Every target that the config lists has adapters, and nothing else has.
void require_targets(const std::string& folder, const AdapterConfig& config, const StoredAdapter& stored) {
  if (!config.targets) return;
  std::set<std::string> idle(config.targets->begin(), config.targets->end());
  for (const auto& [name, pair] : stored.pairs) {
    bool wanted = false;
    for (const std::string& target : *config.targets) {
      if (!names_module(target, name)) continue;
      wanted = true;
      idle.erase(target);
    }
    if (!wanted) {
      throw Error({.who = folder, .expected = "adapters of the target_modules", .got = cat("one of ", name, " too")});
    }
  }
  if (idle.empty()) return;
  throw Error({.who = folder, .expected = cat("adapters of target module ", *idle.begin()), .got = "none"});
}

/// A copy, so that nothing depends on the file any more.
torch::Tensor like(const torch::Tensor& stored, const torch::Tensor& parameter) {
  return stored.to(parameter.device(), parameter.scalar_type(), /*non_blocking=*/false, /*copy=*/true).contiguous();
}

/// The parameters of the modules that are stored in full.
std::map<std::string, torch::Tensor> parameters_of(const torch::nn::Module& module,
                                                   const std::vector<std::string>& module_names) {
  std::map<std::string, torch::Tensor> parameters;
  for (const auto& part : module.named_modules(/*name_prefix=*/"", /*include_self=*/false)) {
    const bool wanted =
        std::ranges::any_of(module_names, [&](const std::string& target) { return names_module(target, part.key()); });
    if (!wanted) continue;
    for (const auto& item : part.value()->named_parameters()) {
      parameters[cat(part.key(), ".", item.key())] = item.value();
    }
  }
  return parameters;
}

void load_whole_modules(const torch::nn::Module& module, const std::string& path, const AdapterConfig& config,
                        const StoredAdapter& stored) {
  auto parameters = parameters_of(module, config.whole_modules);
  for (const std::string& target : config.whole_modules) {
    if (parameters_of(module, {target}).empty()) refuse_name(path, "modules_to_save", target, {});
  }
  for (const auto& [name, tensor] : stored.whole) {
    const auto found = parameters.find(name);
    if (found == parameters.end()) {
      std::vector<std::string> known;
      for (const auto& [each, unused] : parameters) known.push_back(each);
      refuse_name(path, "a parameter of modules_to_save", name, known);
    }
    require_shape(cat(path, ": ", name), tensor, found->second.sizes());
    found->second.set_data(like(tensor, found->second));
    parameters.erase(found);
  }
  if (parameters.empty()) return;
  throw Error({.who = path,
               .expected = "all parameters of modules_to_save",
               .got = cat("none for ", parameters.begin()->first)});
}

}  // namespace

std::vector<NamedLinear> linears_of(const torch::nn::Module& module) {
  std::vector<NamedLinear> linears;
  for (const auto& part : module.named_modules(/*name_prefix=*/"", /*include_self=*/false)) {
    if (auto linear = std::dynamic_pointer_cast<LinearImpl>(part.value())) {
      linears.push_back({part.key(), std::move(linear)});
    }
  }
  return linears;
}

void load_adapter(torch::nn::Module& module, const std::string& folder) {
  const AdapterConfig config = read_adapter_config(folder);
  const std::string path = cat(folder, "/", kFile);
  const StoredAdapter stored = read_tensors(path);
  require_targets(folder, config, stored);
  std::map<std::string, std::shared_ptr<LinearImpl>> linears;
  for (auto& [name, linear] : linears_of(module)) linears[name] = linear;

  const torch::NoGradGuard no_grad;
  load_whole_modules(module, path, config, stored);
  for (const auto& [name, pair] : stored.pairs) {
    const auto found = linears.find(name);
    if (found == linears.end()) {
      std::vector<std::string> known;
      for (const auto& [each, unused] : linears) known.push_back(each);
      refuse_name(path, "a matrix", name, known);
    }
    const torch::Tensor& weight = found->second->weight();
    const int64_t rank = config.options.rank;
    require_pair(path, name, pair, rank);
    require_shape(cat(path, ": ", name, kA), pair.a, {rank, weight.size(1)});
    require_shape(cat(path, ": ", name, kB), pair.b, {weight.size(0), rank});
    found->second->add_adapter(config.options, like(pair.a, weight), like(pair.b, weight));
    for (auto& parameter : found->second->parameters()) parameter.set_requires_grad(false);
  }
}

void save_adapter(const torch::nn::Module& module, const std::string& base_model,
                  const std::vector<std::string>& trained, const std::string& folder) {
  AdapterConfig config{.base_model = base_model, .targets = std::vector<std::string>()};
  std::vector<TensorSource> sources;
  for (const auto& [name, linear] : linears_of(module)) {
    if (!linear->adapter()) continue;
    config.options = *linear->adapter();
    config.targets->push_back(name);
    const auto parameters = linear->named_parameters();
    sources.push_back(source_of(cat(kPrefix, name, kA), parameters["lora_A"]));
    sources.push_back(source_of(cat(kPrefix, name, kB), parameters["lora_B"]));
  }
  if (sources.empty()) throw Error({.who = folder, .expected = "a model with adapters", .got = "one without"});

  std::set<std::string> owners;
  for (const std::string& name : trained) owners.insert(name.substr(0, name.rfind('.')));
  config.whole_modules.assign(owners.begin(), owners.end());
  for (const auto& [name, value] : parameters_of(module, config.whole_modules)) {
    sources.push_back(source_of(cat(kPrefix, name), value));
  }
  std::error_code code;
  std::filesystem::create_directories(folder, code);
  if (code) throw Error({.who = folder, .expected = "to make the folder", .got = code.message()});
  write_safetensors(cat(folder, "/", kFile), sources, {{"format", "pt"}});
  write_adapter_config(config, folder);
}

}  // namespace fusion
