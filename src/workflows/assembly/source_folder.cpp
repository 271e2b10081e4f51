#include "workflows/assembly/source_folder.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>
#include <utility>

#include "foundation/config/json_object.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "pipeline/model/vision_presets.h"

namespace fusion {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kEmbeddingTable = "model.embed_tokens.weight";
constexpr const char* kPatchEmbedding = "vision_model.embeddings.patch_embedding.weight";

// What an absent key of a SigLIP config stands for. The sizes are compared with the tensors' shapes later.
constexpr std::string_view kSiglipDefaults = R"({
  "attention_dropout": 0.0,
  "hidden_act": "gelu_pytorch_tanh",
  "hidden_size": 768,
  "image_size": 224,
  "intermediate_size": 3072,
  "layer_norm_eps": 1e-06,
  "model_type": "siglip_vision_model",
  "num_attention_heads": 12,
  "num_channels": 3,
  "num_hidden_layers": 12,
  "patch_size": 16
})";

std::string config_path(const std::string& folder) {
  return (fs::path(folder) / "config.json").string();
}

/// config.json and its companions; an Error where the folder is none, or holds what `expected` does not say.
ConfigFiles open_config(const std::string& folder, const std::string& expected) {
  std::error_code code;
  if (!fs::exists(fs::path(folder) / "config.json", code)) {
    const bool exists = fs::exists(folder, code);
    throw Error({.who = folder,
                 .expected = cat("the folder of ", expected),
                 .got = !exists                          ? "no such folder"
                        : fs::is_directory(folder, code) ? "a folder without config.json"
                                                         : "a file",
                 .hint = exists ? "give the folder that holds config.json and the weights" : "check the path"});
  }
  ConfigFiles files = read_config_files(folder);
  const JsonObject config(files.config, config_path(folder));
  const json* quantised = config.find("quantization_config");
  if (quantised != nullptr && !quantised->is_null()) {
    throw Error({.who = config.who("quantization_config"),
                 .expected = "plain weights in float32, float16 or bfloat16",
                 .got = "a quantised checkpoint",
                 .hint = "take the checkpoint that it was made from"});
  }
  return files;
}

[[noreturn]] void refuse_model(const JsonObject& config, const std::string& expected, const std::string& got) {
  throw Error({.who = config.who("model_type"),
               .expected = expected,
               .got = printable(got),
               .cause = got.starts_with("fusion_") ? "a FUSION checkpoint, which is whole already"
                                                   : "a checkpoint of another architecture"});
}

[[noreturn]] void refuse_naflex(const std::string& folder) {
  throw Error({.who = folder,
               .expected = "a tower of a fixed picture size",
               .got = "SigLIP2 of the NaFlex kind, whose patches form no fixed grid",
               .hint = "take a SigLIP2 checkpoint with a size in its name, such as siglip2-giant-opt-patch16-384"});
}

/// The vision part of config.json with nothing left out.
json whole_vision_config(const JsonObject& given) {
  json config = json::parse(kSiglipDefaults);
  for (auto& [key, value] : config.items()) {
    const json* stated = given.find(key);
    if (stated != nullptr && !stated->is_null()) value = *stated;
  }
  return config;
}

/// The last part of the folder's path.
std::string name_of(const std::string& folder) {
  const fs::path path = fs::absolute(folder).lexically_normal();
  return (path.has_filename() ? path : path.parent_path()).filename().string();
}

}  // namespace

VisionSource open_vision_source(const std::string& folder) {
  const ConfigFiles files = open_config(folder, "a SigLIP or SigLIP2 checkpoint");
  const std::string path = config_path(folder);
  const JsonObject config(files.config, path);
  const auto model_type = config.required<std::string>("model_type");
  constexpr std::array<std::string_view, 4> kKnown = {"siglip", "siglip2", "siglip_vision_model",
                                                      "siglip2_vision_model"};
  if (std::ranges::find(kKnown, model_type) == kKnown.end()) {
    refuse_model(config, join(kKnown, ", "), model_type);
  }
  const bool two_towers = !model_type.ends_with("_vision_model");
  const JsonObject where = two_towers ? config.object("vision_config") : JsonObject(files.config, path);

  Checkpoint checkpoint(folder);
  const StoredTensor* patches = checkpoint.find(kPatchEmbedding);
  if ((patches != nullptr && patches->view->shape.size() == 2) || where.find("num_patches") != nullptr) {
    refuse_naflex(folder);
  }
  json whole = whole_vision_config(where);
  VisionConfig vision = parse_vision_config(whole, path);
  const auto own_name = config.optional<std::string>("_name_or_path").value_or("");
  return {.checkpoint = std::move(checkpoint),
          .config = std::move(whole),
          .vision = vision,
          .given_name = own_name.empty() || fs::path(own_name).is_absolute() ? name_of(folder) : own_name};
}

LanguageSource open_language_source(const std::string& folder) {
  ConfigFiles files = open_config(folder, "a Phi-3 or LLaMA checkpoint");
  const JsonObject config(files.config, config_path(folder));
  const auto model_type = config.required<std::string>("model_type");
  if (model_type != "phi3" && model_type != "llama") refuse_model(config, "phi3 or llama", model_type);
  Checkpoint checkpoint(folder);
  const StoredTensor* embedding = checkpoint.find(kEmbeddingTable);
  if (embedding == nullptr || embedding->view->shape.size() != 2 || embedding->view->shape[0] < 1) {
    throw Error({.who = folder,
                 .expected = cat("the embedding table ", kEmbeddingTable),
                 .got = embedding == nullptr ? "no such tensor" : cat("[", join(embedding->view->shape, ", "), "]"),
                 .cause = "a base model without its head, or an incomplete download"});
  }
  auto tokenizer = load_tokenizer(folder);
  const TensorView& table = *embedding->view;
  return {.checkpoint = std::move(checkpoint),
          .files = std::move(files),
          .model_type = model_type == "phi3" ? "fusion_phi" : "fusion_llama",
          .tokenizer_files = read_tokenizer_files(folder),
          .tokenizer = std::move(tokenizer),
          .stored_rows = table.shape[0],
          .dtype = table.dtype};
}

}  // namespace fusion
