#pragma once
// adapter_config.json of Hugging Face's PEFT, as far as plain LoRA goes.

#include <optional>
#include <string>
#include <vector>

#include "foundation/nn/linear.h"

namespace fusion {

inline constexpr int64_t kMaxAdapterRank = 1 << 14;

struct AdapterConfig {
  AdapterOptions options = {};
  std::string base_model = {};                           ///< where the checkpoint lay that it was trained on
  std::optional<std::vector<std::string>> targets = {};  ///< names of matrices, or ends of names; nothing: a regex
  std::vector<std::string> whole_modules = {};           ///< modules_to_save: stored in full, not as an addition
};

/// Throws Error, naming the key, where the file is missing or wrong, and where it asks for anything that plain LoRA
/// does not have (DoRA, ranks by pattern, biases ...). Keys of other versions of PEFT may say nothing: null, false or
/// empty.
AdapterConfig read_adapter_config(const std::string& folder);

/// Throws Error where options make no sense; `who` names them.
void check_adapter_options(const AdapterOptions& options, const std::string& who);

/// Writes the file into the folder.
void write_adapter_config(const AdapterConfig& config, const std::string& folder);

/// Whether PEFT takes `target` for the module of that name: the whole name, or the end of it from a dot on.
bool names_module(const std::string& target, const std::string& name);

}  // namespace fusion
