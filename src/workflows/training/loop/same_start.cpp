#include "workflows/training/loop/same_start.h"

#include <torch/types.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <string>
#include <utility>
#include <vector>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "pipeline/model/language_config.h"
#include "workflows/assembly/tokenizer_files.h"
#include "workflows/training/loop/train_config.h"

namespace fusion {

namespace {

constexpr size_t kSampledBytes = 4096;

/// What decides numbers, without where things lie.
std::string settings_text(const RunPosition& position) {
  nlohmann::ordered_json config = position.config;
  for (const char* key : {"model", "output"}) config.erase(key);
  config["data"].erase("mixture");
  config["data"].erase("image_roots");
  config.erase("validation");
  return config.dump();
}

constexpr const char* kConfig = "config.json";
constexpr const char* kVisionConfig = "vision_config.json";

uint64_t hash_of(const std::string& text) {
  return XXH3_64bits(text.data(), text.size());
}

/// What of a run is compared, and the number that stands for it. The same list in every process.
std::vector<std::pair<std::string, int64_t>> compared_parts(const RunPosition& position, int64_t resume_step) {
  std::vector<std::pair<std::string, int64_t>> parts = {
      {"the latest checkpoint", resume_step},
      {"the number of steps", position.total_steps},
      {"the data", static_cast<int64_t>(position.data_fingerprint)},
      {"the model's weights", static_cast<int64_t>(position.model_fingerprint)},
      {"the settings", static_cast<int64_t>(hash_of(settings_text(position)))}};
  std::vector<std::string> files = tokenizer_file_names();
  files.emplace_back(kConfig);
  files.emplace_back(kVisionConfig);
  for (const std::string& name : files) {
    const auto found = position.model_files.find(name);
    const uint64_t fingerprint = found == position.model_files.end() ? 0 : found->second;
    parts.emplace_back(cat("the model's ", name), static_cast<int64_t>(fingerprint));
  }
  return parts;
}

}  // namespace

uint64_t weights_fingerprint(const Checkpoint& checkpoint) {
  std::string text;
  for (const auto& [name, stored] : checkpoint.tensors()) {
    const auto& bytes = stored.view->bytes;
    const auto middle = bytes.subspan(bytes.size() / 2, std::min(kSampledBytes, bytes.size() - bytes.size() / 2));
    text += cat(name, " ", join(stored.view->shape, "x"), " ", XXH3_64bits(middle.data(), middle.size()), "\n");
  }
  return hash_of(text);
}

std::map<std::string, uint64_t> model_file_fingerprints(const std::string& folder) {
  const ConfigFiles configs = read_config_files(folder);
  std::map<std::string, uint64_t> fingerprints = {{kConfig, hash_of(configs.config.dump())}};
  if (configs.vision) fingerprints[kVisionConfig] = hash_of(configs.vision->dump());
  for (const auto& [name, text] : read_tokenizer_files(folder)) fingerprints[name] = hash_of(text);
  return fingerprints;
}

void require_same_start(const RunPosition& position, int64_t resume_step, torch::Device device,
                        Communicator& communicator) {
  if (communicator.world_size() == 1) return;
  const auto parts = compared_parts(position, resume_step);
  std::vector<int64_t> numbers;
  for (const auto& [unused, number] : parts) numbers.push_back(number);
  const auto own = torch::tensor(numbers, torch::kInt64).to(device);
  auto first = own.clone();
  communicator.broadcast(first, 0);
  auto differing = own.ne(first).to(torch::kInt64);
  const auto here = differing.cpu();
  communicator.all_reduce_sum(differing);
  if (differing.sum().item<int64_t>() == 0) return;
  std::vector<std::string> what;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (here[static_cast<int64_t>(i)].item<int64_t>() != 0) what.push_back(parts[i].first);
  }
  throw Error({.who = cat("process ", communicator.rank()),
               .expected = "the same run in every process",
               .got = what.empty() ? "a difference in another process" : cat("another view of ", join(what, ", ")),
               .cause = "no shared file system, or different files on the machines",
               .hint = "start all processes with the same config, model, data and output folder"});
}

}  // namespace fusion
