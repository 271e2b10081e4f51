#include "workflows/training/loop/same_start.h"

#include <torch/types.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <array>
#include <string>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
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

}  // namespace

uint64_t weights_fingerprint(const Checkpoint& checkpoint) {
  std::string text;
  for (const auto& [name, stored] : checkpoint.tensors()) {
    const auto& bytes = stored.view->bytes;
    const auto middle = bytes.subspan(bytes.size() / 2, std::min(kSampledBytes, bytes.size() - bytes.size() / 2));
    text += cat(name, " ", join(stored.view->shape, "x"), " ", XXH3_64bits(middle.data(), middle.size()), "\n");
  }
  return XXH3_64bits(text.data(), text.size());
}

void require_same_start(const RunPosition& position, int64_t resume_step, torch::Device device,
                        Communicator& communicator) {
  if (communicator.world_size() == 1) return;
  const std::string settings = settings_text(position);
  const auto own = torch::tensor({resume_step, position.total_steps, static_cast<int64_t>(position.data_fingerprint),
                                  static_cast<int64_t>(position.model_fingerprint),
                                  static_cast<int64_t>(XXH3_64bits(settings.data(), settings.size()))},
                                 torch::kInt64)
                       .to(device);
  auto first = own.clone();
  communicator.broadcast(first, 0);
  auto differing = own.ne(first).to(torch::kInt64);
  const auto here = differing.cpu();
  communicator.all_reduce_sum(differing);
  if (differing.sum().item<int64_t>() == 0) return;
  constexpr std::array<const char*, 5> kWhat = {"the latest checkpoint", "the number of steps", "the data",
                                                "the model's weights", "the settings"};
  std::vector<std::string> what;
  for (int64_t i = 0; i < here.numel(); ++i) {
    if (here[i].item<int64_t>() != 0) what.emplace_back(kWhat[i]);
  }
  throw Error({.who = cat("process ", communicator.rank()),
               .expected = "the same run in every process",
               .got = what.empty() ? "a difference in another process" : cat("another view of ", join(what, ", ")),
               .cause = "no shared file system, or different files on the machines",
               .hint = "start all processes with the same config, model, data and output folder"});
}

}  // namespace fusion
