#include "workflows/assembly/init_checkpoint.h"

#include <torch/types.h>

#include <array>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "foundation/config/output_file.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "foundation/core/units.h"
#include "pipeline/model/load_model.h"
#include "pipeline/preprocess/conversation.h"
#include "pipeline/preprocess/tokenizer.h"
#include "workflows/assembly/random_tensor.h"
#include "workflows/assembly/standin_tokenizer.h"

namespace fusion {

namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 3> kConfigFiles = {"config.json", "vision_config.json", "generation_config.json"};
constexpr std::array<const char*, 5> kTokenizerFiles = {"tokenizer.json", "tokenizer.model", "tokenizer_config.json",
                                                        "special_tokens_map.json", "added_tokens.json"};
constexpr std::array<const char*, 2> kWeightFiles = {"model.safetensors", "model.safetensors.index.json"};
constexpr uint64_t kSmallFiles = 16'000'000;  // room for config and tokenizer files

struct DtypeName {
  std::string_view name;
  DType dtype;
};
constexpr std::array<DtypeName, 3> kDtypes = {
    {{"float32", DType::kF32}, {"bfloat16", DType::kBF16}, {"float16", DType::kF16}}};

DType dtype_called(const std::string& name) {
  for (const DtypeName& each : kDtypes) {
    if (each.name == name) return each.dtype;
  }
  throw Error({.who = "dtype", .expected = "float32, bfloat16 or float16", .got = printable(name)});
}

void refuse_existing(const std::string& folder) {
  std::error_code code;
  if (fs::exists(folder, code) && !fs::is_directory(folder, code)) {
    throw Error({.who = folder, .expected = "a folder to write to", .got = "a file"});
  }
}

void refuse_checkpoint(const std::string& folder) {
  const auto refuse_if_there = [&](const char* name) {
    std::error_code code;
    if (!fs::exists(fs::path(folder) / name, code)) return;
    throw Error({.who = folder,
                 .expected = "a folder without a checkpoint",
                 .got = cat("one with ", name),
                 .hint = "use --force to replace it, or name another folder"});
  };
  for (const char* name : kConfigFiles) refuse_if_there(name);
  for (const char* name : kTokenizerFiles) refuse_if_there(name);
  for (const char* name : kWeightFiles) refuse_if_there(name);
}

void check_room(const std::string& folder, uint64_t needed) {
  std::error_code code;
  fs::path place = fs::absolute(folder, code);
  while (!fs::exists(place, code) && place.has_relative_path()) place = place.parent_path();
  const fs::space_info space = fs::space(place, code);
  // A file system that cannot tell is found out while writing.
  if (code || space.available >= needed) return;
  throw Error({.who = folder,
               .expected = cat(bytes_text(needed), " of free disk space"),
               .got = bytes_text(space.available),
               .hint = "free some, or name a folder on another disk"});
}

/// A tokenizer that knows what FUSION's prompts are made of.
std::unique_ptr<Tokenizer> load_fusion_tokenizer(const std::string& folder, const std::string& model_type) {
  auto tokenizer = load_tokenizer(folder);
  for (const std::string_view token : {kVisionStart, kVisionEnd, default_template(model_type).stop()}) {
    if (tokenizer->token_id(token)) continue;
    throw Error({.who = folder,
                 .expected = cat("a tokenizer with the token ", token),
                 .got = cat("one of ", tokenizer->vocab_size(), " tokens without it"),
                 .cause = "a tokenizer of another model, or one without the tokens that FUSION adds"});
  }
  return tokenizer;
}

void make_folder(const std::string& folder) {
  std::error_code code;
  fs::create_directories(folder, code);
  if (code) throw Error({.who = folder, .expected = "to make the folder", .got = code.message()});
}

void remove_file(const fs::path& path) {
  std::error_code code;
  fs::remove(path, code);
  if (code) throw Error({.who = path.string(), .expected = "to remove the old file", .got = code.message()});
}

void copy_tokenizer(const std::string& from, const std::string& to) {
  for (const char* name : kTokenizerFiles) {
    const fs::path source = fs::path(from) / name;
    std::error_code code;
    if (!fs::exists(source, code)) continue;
    fs::copy_file(source, fs::path(to) / name, fs::copy_options::overwrite_existing, code);
    if (code) throw Error({.who = source.string(), .expected = cat("to copy it to ", to), .got = code.message()});
  }
}

void write_json(const std::string& folder, const char* name, const nlohmann::json& value) {
  write_text_file((fs::path(folder) / name).string(), value.dump(2) + "\n");
}

std::vector<TensorSource> weights_of(const FusionConfig& config, DType dtype, uint64_t seed) {
  const FusionModel model(config, torch::TensorOptions(torch::kMeta));
  std::vector<TensorSource> weights;
  for (const TensorSpec& spec : tensor_table(*model)) weights.push_back(random_tensor(spec, dtype, seed));
  return weights;
}

uint64_t total_bytes(const std::vector<TensorSource>& weights) {
  uint64_t bytes = 0;
  for (const TensorSource& tensor : weights) bytes += tensor.byte_count();
  return bytes;
}

/// Lets `on_progress` hear of every piece that passes.
void report_progress(std::vector<TensorSource>& weights, uint64_t& done, uint64_t total,
                     const std::function<void(uint64_t, uint64_t)>& on_progress) {
  for (TensorSource& tensor : weights) {
    tensor.produce = [produce = std::move(tensor.produce), &done, total, &on_progress](const ByteSink& sink) {
      produce([&](std::span<const std::byte> bytes) {
        sink(bytes);
        done += bytes.size();
        on_progress(done, total);
      });
    };
  }
}

}  // namespace

InitReport init_checkpoint(const Preset& preset, const std::string& folder, const InitOptions& options) {
  ConfigFiles files = preset.files;
  if (options.dtype) files.config["torch_dtype"] = *options.dtype;
  const auto dtype_name = files.config.at("torch_dtype").get<std::string>();
  const DType dtype = dtype_called(dtype_name);
  const auto& source = options.tokenizer_folder;
  const auto given = source ? load_fusion_tokenizer(*source, files.config.at("model_type")) : nullptr;
  // One row of the embedding table a token, as the reference resizes it.
  if (given) files.config["vocab_size"] = given->vocab_size();
  const FusionConfig config = parse_fusion_config(files, preset.name);
  std::vector<TensorSource> weights = weights_of(config, dtype, options.seed);
  const uint64_t bytes = total_bytes(weights);

  refuse_existing(folder);
  if (!options.force) refuse_checkpoint(folder);
  check_room(folder, bytes + kSmallFiles);

  make_folder(folder);
  uint64_t done = 0;
  if (options.on_progress) report_progress(weights, done, bytes, options.on_progress);
  save_sharded(folder, weights, options.max_shard_bytes, {{"format", "pt"}});

  std::error_code code;
  const bool in_place = source && fs::equivalent(*source, folder, code);
  if (!in_place) {
    for (const char* name : kTokenizerFiles) remove_file(fs::path(folder) / name);
    if (source) {
      copy_tokenizer(*source, folder);
    } else {
      write_standin_tokenizer(folder, config.model_type, config.decoder.vocab_size);
    }
  }
  remove_file(fs::path(folder) / "vision_config.json");
  if (files.vision) write_json(folder, "vision_config.json", *files.vision);
  if (files.generation) write_json(folder, "generation_config.json", *files.generation);
  write_json(folder, "config.json", files.config);
  return {.parameters = bytes / dtype_size(dtype),
          .weight_bytes = bytes,
          .tensors = weights.size(),
          .dtype = dtype_name,
          .tokenizer = given ? given->kind() : "byte-level stand-in"};
}

}  // namespace fusion
