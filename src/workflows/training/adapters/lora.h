#pragma once
// LoRA (arXiv 2106.09685): thin matrices learn beside the model's own, which stay as they are.

#include <cstdint>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "foundation/config/fields.h"
#include "foundation/nn/linear.h"
#include "workflows/training/optimization/parameter_groups.h"

namespace fusion {

/// "lora" of a run. Patterns are those of parameter groups: `*` stands for any characters, `?` for one.
struct LoraSettings {
  int64_t rank = 0;
  double alpha = 0;
  double dropout = 0;
  std::vector<std::string> targets = {};
  std::vector<std::string> also_train = {};

  static constexpr auto fields() {
    return std::tuple(
        field("rank", &LoraSettings::rank, "rows of A and columns of B"),
        field("alpha", &LoraSettings::alpha, "alpha / rank is what the product of both is multiplied by"),
        defaulted("dropout", &LoraSettings::dropout, "share of the inputs that adapters do not see"),
        field("targets", &LoraSettings::targets, "names of matrices, such as model.layers.*_proj"),
        defaulted("also_train", &LoraSettings::also_train, "names of parameters that are trained themselves"));
  }

  AdapterOptions adapter() const { return {.rank = rank, .alpha = alpha, .dropout = dropout}; }
};

/// Throws Error, naming `who`, on numbers that make no sense and where there is no target.
void check_lora(const LoraSettings& settings, const std::string& who);

/// Puts a float32 adapter on every Linear whose whole registered name matches a target, and freezes all other
/// parameters but those of also_train. As in PEFT, A is uniform within 1 / sqrt(in) of 0 and B is zero, so that the
/// model is at first what it was; A depends on seed and name alone.
/// Throws Error for a pattern that matches nothing, with similar names, and for one of also_train that matches a
/// parameter of a Linear with an adapter.
void add_adapters(torch::nn::Module& module, const LoraSettings& settings, uint64_t seed);

/// Names of the parameters that also_train matches.
std::vector<std::string> parameters_also_trained(const torch::nn::Module& module, const LoraSettings& settings);

/// group_parameters() of a module of which a part is frozen already and stays so, whatever the rules say.
/// Throws Error also for a rule that gives a rate to frozen parameters only.
GroupedParameters group_trainable(torch::nn::Module& module, double lr, double weight_decay,
                                  std::span<const GroupRule> rules);

}  // namespace fusion
