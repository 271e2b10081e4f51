#pragma once
// Which parameter learns how fast.

#include <torch/nn/module.h>

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace fusion {

/// What holds for the parameters whose whole registered name a pattern matches: `*` stands for any characters (dots
/// too), `?` for one.
struct GroupRule {
  std::string match = {};                   ///< "model.vision_tower.*"
  std::optional<double> lr = {};            ///< nothing: the run's
  std::optional<double> weight_decay = {};  ///< nothing: the run's
  bool frozen = false;                      ///< not trained at all
};

struct NamedParameter {
  std::string name;
  torch::Tensor value;
};

struct ParameterGroup {
  std::string name;  ///< the rule's pattern, "the rest" without one; 1-D parameters beside a weight decay: "... (1-D)"
  double lr = 0;
  double weight_decay = 0;
  std::vector<NamedParameter> parameters = {};
};

struct GroupedParameters {
  std::vector<ParameterGroup> groups = {};
  std::vector<NamedParameter> frozen = {};
};

/// Sorts the parameters of a module into groups. The first rule that matches a parameter decides. Parameters of one
/// dimension (norms and biases) get no weight decay, as transformers' Trainer has it. A tensor with two names counts
/// under its first. Gradients are switched off for what is frozen and on for the rest.
/// Throws Error for a rule that decides about no parameter, for a rate or decay that is negative or no number, and when
/// nothing is left to train.
GroupedParameters group_parameters(torch::nn::Module& module, double lr, double weight_decay,
                                   std::span<const GroupRule> rules);

/// Whether a pattern matches the whole name.
bool matches_pattern(std::string_view pattern, std::string_view name);

/// Up to three of the names that a pattern without a match may have meant, for an error: those that have most of its
/// words, spelt about so.
std::string similar_names(const std::string& pattern, const std::vector<std::string>& names);

/// A line a group, for people: what it is, tensors, parameters, learning rate and weight decay.
std::string group_table(const GroupedParameters& grouped);

}  // namespace fusion
