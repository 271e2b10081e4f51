#include "workflows/training/optimization/parameter_groups.h"

#include <gmock/gmock.h>
#include <torch/types.h>

#include <limits>

#include "foundation/core/error.h"

namespace fusion {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Names as a small FUSION has them.
struct Toy : torch::nn::Module {
  Toy() {
    for (const char* name : {"tower.layer.weight", "projector.weight", "lm_head.weight"}) {
      add(name, torch::zeros({2, 3}));
    }
    for (const char* name : {"tower.layer.bias", "norm.weight"}) add(name, torch::zeros({3}));
  }

  void add(const std::string& path, const torch::Tensor& value) {
    torch::nn::Module* owner = this;
    size_t begin = 0;
    for (size_t dot = path.find('.'); dot != std::string::npos; begin = dot + 1, dot = path.find('.', begin)) {
      const std::string part = path.substr(begin, dot - begin);
      const auto children = owner->named_children();
      auto child = children.contains(part) ? children[part] : owner->register_module(part, std::make_shared<Part>());
      owner = child.get();
    }
    owner->register_parameter(path.substr(begin), value);
  }

  struct Part : torch::nn::Module {};
};

std::vector<std::string> names_of(const std::vector<NamedParameter>& parameters) {
  std::vector<std::string> names;
  names.reserve(parameters.size());
  for (const NamedParameter& parameter : parameters) names.push_back(parameter.name);
  return names;
}

std::string error_of(std::vector<GroupRule> rules, double lr = 1e-3, double weight_decay = 0) {
  Toy toy;
  try {
    group_parameters(toy, lr, weight_decay, rules);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(ParameterGroups, TheFirstMatchingRuleDecides) {
  Toy toy;
  const std::vector<GroupRule> rules{
      {.match = "tower.*", .lr = 1e-6}, {.match = "*.layer.*", .lr = 1.0}, {.match = "lm_head.weight", .frozen = true}};
  EXPECT_THAT(error_of({rules[0], rules[1]}), HasSubstr("earlier groups match all 2"));

  const auto grouped = group_parameters(toy, 2e-5, 0, std::vector<GroupRule>{rules[0], rules[2]});
  ASSERT_EQ(grouped.groups.size(), 2);
  EXPECT_EQ(grouped.groups[0].name, "tower.*");
  EXPECT_EQ(grouped.groups[0].lr, 1e-6);
  EXPECT_THAT(names_of(grouped.groups[0].parameters), ElementsAre("tower.layer.weight", "tower.layer.bias"));
  EXPECT_EQ(grouped.groups[1].lr, 2e-5);
  EXPECT_THAT(names_of(grouped.groups[1].parameters), ElementsAre("projector.weight", "norm.weight"));
  EXPECT_THAT(names_of(grouped.frozen), ElementsAre("lm_head.weight"));
}

TEST(ParameterGroups, FrozenParametersWantNoGradientAndTheOthersDo) {
  Toy toy;
  for (auto& parameter : toy.parameters()) parameter.set_requires_grad(false);
  group_parameters(toy, 1e-3, 0, std::vector<GroupRule>{{.match = "tower.*", .frozen = true}});
  for (const auto& item : toy.named_parameters()) {
    EXPECT_EQ(item.value().requires_grad(), !item.key().starts_with("tower.")) << item.key();
  }
}

TEST(ParameterGroups, OneDimensionalParametersGetNoWeightDecay) {
  Toy toy;
  const auto grouped =
      group_parameters(toy, 1e-3, 0.1, std::vector<GroupRule>{{.match = "tower.*", .weight_decay = 0.2}});
  ASSERT_EQ(grouped.groups.size(), 4);
  EXPECT_EQ(grouped.groups[0].weight_decay, 0.2);
  EXPECT_THAT(names_of(grouped.groups[0].parameters), ElementsAre("tower.layer.weight"));
  EXPECT_EQ(grouped.groups[1].name, "tower.* (1-D)");
  EXPECT_EQ(grouped.groups[1].weight_decay, 0);
  EXPECT_THAT(names_of(grouped.groups[1].parameters), ElementsAre("tower.layer.bias"));
  EXPECT_EQ(grouped.groups[2].weight_decay, 0.1);
  EXPECT_THAT(names_of(grouped.groups[3].parameters), ElementsAre("norm.weight"));
}

TEST(ParameterGroups, ATensorWithTwoNamesCountsOnce) {
  Toy toy;
  toy.add("twin.weight", toy.named_parameters()["lm_head.weight"]);
  const auto grouped = group_parameters(toy, 1e-3, 0, {});
  EXPECT_EQ(grouped.groups.at(0).parameters.size(), 5);
}

TEST(ParameterGroups, ARuleThatMatchesNothingNamesSimilarParameters) {
  EXPECT_THAT(error_of({{.match = "projectr.*"}}),
              testing::AllOf(HasSubstr("\"projectr.*\""), HasSubstr("none of 5"), HasSubstr("projector.weight")));
  EXPECT_THAT(error_of({{.match = "tower"}}), HasSubstr("tower.layer.weight"));
  EXPECT_THAT(error_of({{.match = ""}}), HasSubstr("none of 5"));
}

TEST(ParameterGroups, NothingToTrainIsAnError) {
  EXPECT_THAT(error_of({{.match = "*", .frozen = true}}), HasSubstr("all 5 are frozen"));
}

TEST(ParameterGroups, RatesAndDecaysAreNumbersOfZeroOrMore) {
  EXPECT_THAT(error_of({}, -1e-3), HasSubstr("learning rate"));
  EXPECT_THAT(error_of({}, 1e-3, std::numeric_limits<double>::quiet_NaN()), HasSubstr("weight decay"));
  EXPECT_THAT(error_of({{.match = "tower.*", .lr = std::numeric_limits<double>::infinity()}}), HasSubstr("tower.*"));
}

TEST(ParameterGroups, PatternsMatchWholeNames) {
  EXPECT_TRUE(matches_pattern("*", ""));
  EXPECT_TRUE(matches_pattern("a.*.c", "a.b.b.c"));
  EXPECT_TRUE(matches_pattern("*.layers.?.w*", "m.layers.3.weight"));
  EXPECT_TRUE(matches_pattern("**a**", "bab"));
  EXPECT_FALSE(matches_pattern("layers", "layers.0"));
  EXPECT_FALSE(matches_pattern("a.?", "a."));
  EXPECT_FALSE(matches_pattern("a*b", "abc"));
  // Exponential in a naive matcher.
  EXPECT_FALSE(matches_pattern("*a*a*a*a*a*a*a*a*a*a*b", std::string(200, 'a')));
}

TEST(ParameterGroups, TheTableIsAligned) {
  Toy toy;
  const auto grouped = group_parameters(
      toy, 2e-5, 0, std::vector<GroupRule>{{.match = "tower.*", .lr = 1e-6}, {.match = "norm.*", .frozen = true}});
  EXPECT_EQ(group_table(grouped),
            "group     tensors  parameters  learning rate  weight decay\n"
            "tower.*         2           9          1e-06             0\n"
            "the rest        2          12          2e-05             0\n"
            "frozen          1           3              -             -\n");
}

}  // namespace
}  // namespace fusion
