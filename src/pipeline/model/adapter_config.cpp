#include "pipeline/model/adapter_config.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "foundation/config/json_file.h"
#include "foundation/config/json_object.h"
#include "foundation/config/output_file.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

constexpr const char* kAdapterConfigFile = "adapter_config.json";

/// Keys that tell where the adapter comes from or which modules were looked at, which the tensors themselves show.
constexpr std::array<std::string_view, 10> kKeysWithoutEffect = {
    "auto_mapping",  "exclude_modules", "inference_mode", "layers_pattern",    "layers_to_transform",
    "megatron_core", "peft_version",    "revision",       "qalora_group_size", "task_type"};

[[noreturn]] void refuse(const JsonObject& object, std::string_view key, const std::string& expected,
                         const nlohmann::json& got, const std::string& cause) {
  throw Error({.who = object.who(key), .expected = expected, .got = printable(got.dump()), .cause = cause});
}

void require_text(const JsonObject& object, const char* key, const std::string& expected, const std::string& cause) {
  const auto text = object.required<std::string>(key);
  if (text != expected) refuse(object, key, cat("\"", expected, "\""), text, cause);
}

/// An initialisation that took something away from the matrix itself would need a matrix without it.
void require_untouched_base(const JsonObject& object) {
  constexpr const char* kKey = "init_lora_weights";
  const nlohmann::json* value = object.find(kKey);
  if (value == nullptr || value->is_boolean() || *value == "gaussian") return;
  refuse(object, kKey, "true, false or \"gaussian\"", *value, "other initialisations change the base model too");
}

void require_plain_lora(const JsonObject& object) {
  for (const std::string& key : object.unread_keys()) {
    const nlohmann::json& value = *object.find(key);
    const bool says_nothing = value.is_null() || value == false || (!value.is_primitive() && value.empty());
    if (says_nothing || std::ranges::find(kKeysWithoutEffect, key) != kKeysWithoutEffect.end()) continue;
    refuse(object, key, "no such key, or an empty one", value, "a variant of LoRA that this program does not have");
  }
}

std::optional<std::vector<std::string>> read_targets(const JsonObject& object) {
  constexpr const char* kKey = "target_modules";
  const nlohmann::json* value = object.find(kKey);
  if (value != nullptr && value->is_string()) return std::nullopt;
  return object.required<std::vector<std::string>>(kKey);
}

}  // namespace

AdapterConfig read_adapter_config(const std::string& folder) {
  const std::string path = cat(folder, "/", kAdapterConfigFile);
  const nlohmann::json json = read_json_file(path);
  const JsonObject object(json, path);
  require_text(object, "peft_type", "LORA", "an adapter of another kind");
  if (object.find("bias") != nullptr) require_text(object, "bias", "none", "biases that are trained too");
  require_untouched_base(object);

  AdapterConfig config;
  config.options.rank = object.required_in_range("r", 1, kMaxAdapterRank);
  config.options.alpha = object.required<double>("lora_alpha");
  config.options.dropout = object.optional<double>("lora_dropout").value_or(0);
  check_adapter_options(config.options, path);
  config.base_model = object.optional<std::string>("base_model_name_or_path").value_or("");
  config.targets = read_targets(object);
  config.whole_modules =
      object.optional<std::vector<std::string>>("modules_to_save").value_or(std::vector<std::string>());
  require_plain_lora(object);
  return config;
}

void check_adapter_options(const AdapterOptions& options, const std::string& who) {
  const auto require = [&](bool holds, const char* key, const std::string& expected, double got) {
    if (!holds) throw Error({.who = cat(who, ": ", key), .expected = expected, .got = cat(got)});
  };
  require(options.rank >= 1 && options.rank <= kMaxAdapterRank, "rank", cat("an integer from 1 to ", kMaxAdapterRank),
          static_cast<double>(options.rank));
  require(std::isfinite(options.alpha) && options.alpha > 0, "alpha", "a number above 0", options.alpha);
  require(options.dropout >= 0 && options.dropout < 1, "dropout", "a number from 0 to below 1", options.dropout);
}

void write_adapter_config(const AdapterConfig& config, const std::string& folder) {
  nlohmann::ordered_json json;
  json["peft_type"] = "LORA";
  json["task_type"] = "CAUSAL_LM";
  json["base_model_name_or_path"] = config.base_model;
  json["r"] = config.options.rank;
  json["lora_alpha"] = config.options.alpha;
  json["lora_dropout"] = config.options.dropout;
  json["bias"] = "none";
  json["target_modules"] = config.targets.value_or(std::vector<std::string>());
  json["modules_to_save"] = nullptr;
  if (!config.whole_modules.empty()) json["modules_to_save"] = config.whole_modules;
  json["inference_mode"] = true;
  write_text_file(cat(folder, "/", kAdapterConfigFile), json.dump(2) + "\n");
}

bool names_module(const std::string& target, const std::string& name) {
  return name == target || name.ends_with(cat(".", target));
}

}  // namespace fusion
