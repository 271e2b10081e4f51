#include "workflows/parity/golden_case.h"

#include <torch/types.h>

#include <filesystem>

#include "foundation/checkpoint/safetensors.h"
#include "foundation/config/json_file.h"
#include "foundation/config/json_object.h"
#include "foundation/core/error.h"
#include "foundation/nn/tensor_io.h"

namespace fusion {

namespace {

std::vector<double> numbers(const JsonObject& object, const char* key) {
  return object.optional<std::vector<double>>(key).value_or(std::vector<double>{});
}

std::optional<GoldenOptimizer> read_optimizer(const JsonObject& meta, const char* key, int64_t steps) {
  const auto object = meta.optional_object(key);
  if (!object) return std::nullopt;
  const auto betas = object->required<std::vector<double>>("betas");
  if (betas.size() != 2) {
    throw Error({.who = object->who("betas"), .expected = "2 numbers", .got = std::to_string(betas.size())});
  }
  return GoldenOptimizer{.lr = object->required<double>("lr"),
                         .beta1 = betas[0],
                         .beta2 = betas[1],
                         .eps = object->required<double>("eps"),
                         .weight_decay = object->required<double>("weight_decay"),
                         .clip = object->optional<double>("clip"),
                         .steps = steps,
                         .losses = numbers(*object, "losses"),
                         .grad_norms = numbers(*object, "grad_norms_before_clip")};
}

}  // namespace

const torch::Tensor& GoldenCase::at(const std::string& tensor) const {
  const auto found = tensors.find(tensor);
  if (found == tensors.end()) {
    throw Error({.who = folder + "/case.safetensors", .expected = "a tensor " + tensor, .got = "none of that name"});
  }
  return found->second;
}

GoldenCase load_golden_case(const std::string& folder) {
  const auto path = [&](const char* file) { return (std::filesystem::path(folder) / file).string(); };
  const nlohmann::json json = read_json_file(path("case.json"));
  const JsonObject meta(json, path("case.json"));

  GoldenCase result;
  result.folder = folder;
  result.name = meta.required<std::string>("name");
  result.config = read_fusion_config(folder);
  result.config.decoder.interaction.window = meta.required_in_range("window_size", 1, kMaxWindow);
  result.config.image_tokens = read_token_grid(meta, "fusion_l_size");
  result.query_len = meta.required<int64_t>("query_len_used");
  if (!is_latent_count(result.query_len)) {
    throw Error({.who = meta.who("query_len_used"),
                 .expected = "a square number up to " + std::to_string(kMaxLatents),
                 .got = std::to_string(result.query_len)});
  }
  if (const auto gen = meta.optional_object("gen")) {
    result.max_new_tokens = gen->required_in_range("max_new_tokens", 0, 1 << 16);
  }
  if (const auto norms = meta.optional_object("grad_norms")) {
    for (const std::string& name : norms->unread_keys()) result.grad_norms[name] = norms->optional<double>(name);
  }
  result.adamw1 = read_optimizer(meta, "adamw1", 1);
  result.adamw3 = read_optimizer(meta, "adamw3", 3);

  const auto file = SafetensorsFile::open(path("case.safetensors"));
  for (const TensorView& view : file->tensors()) result.tensors[view.name] = tensor_of(file, view);
  return result;
}

}  // namespace fusion
