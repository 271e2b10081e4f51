#pragma once
// LoRA adapters of a whole model, in the files that Hugging Face's PEFT reads and writes: adapter_config.json, and
// adapter_model.safetensors with
//
//     base_model.model.<name of the Linear>.lora_A.weight   [rank, in]
//     base_model.model.<name of the Linear>.lora_B.weight   [out, rank]
//     base_model.model.<name of a parameter>                of a module that was trained in full ("modules_to_save")

#include <torch/nn/module.h>

#include <memory>
#include <string>
#include <vector>

#include "foundation/nn/linear.h"

namespace fusion {

struct NamedLinear {
  std::string name;  ///< as registered: "model.layers.0.mlp.down_proj"
  std::shared_ptr<LinearImpl> linear;
};

/// Every Linear inside the module, in the order of registration.
std::vector<NamedLinear> linears_of(const torch::nn::Module& module);

/// Puts the stored adapter on the loaded module, unmerged, in the place and dtype of the matrices; no gradients.
/// Throws Error, and leaves the module half done, on files that are missing or wrong, on a tensor whose name, shape or
/// rank does not fit config and module, on half of a pair, and on a module stored in part.
void load_adapter(torch::nn::Module& module, const std::string& folder);

/// Writes the module's adapters into `folder`, which is made. Each of the two files is there in full or not at all.
/// \param base_model  the checkpoint's folder, for people and for PEFT
/// \param trained     parameters that were trained themselves; their modules are stored in full
/// Throws Error where the module has no adapter, and on a full disk.
void save_adapter(const torch::nn::Module& module, const std::string& base_model,
                  const std::vector<std::string>& trained, const std::string& folder);

}  // namespace fusion
