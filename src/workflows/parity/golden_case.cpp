#include "workflows/parity/golden_case.h"

#include <torch/types.h>

#include <filesystem>

#include "foundation/config/json_file.h"
#include "foundation/core/error.h"
#include "workflows/parity/checks.h"

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
  return tensor_in(tensors, tensor, folder + "/case.safetensors");
}

int64_t read_query_len(const JsonObject& meta) {
  const auto count = meta.required<int64_t>("query_len_used");
  if (is_latent_count(count)) return count;
  throw Error({.who = meta.who("query_len_used"),
               .expected = "a square number up to " + std::to_string(kMaxLatents),
               .got = std::to_string(count)});
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
  result.query_len = read_query_len(meta);
  if (const auto gen = meta.optional_object("gen")) {
    result.max_new_tokens = gen->required_in_range("max_new_tokens", 0, kMaxGoldenTokens);
  }
  if (const auto norms = meta.optional_object("grad_norms")) {
    for (const std::string& name : norms->unread_keys()) result.grad_norms[name] = norms->optional<double>(name);
  }
  result.adamw1 = read_optimizer(meta, "adamw1", 1);
  result.adamw3 = read_optimizer(meta, "adamw3", 3);

  result.tensors = read_tensors(path("case.safetensors"));
  return result;
}

}  // namespace fusion
