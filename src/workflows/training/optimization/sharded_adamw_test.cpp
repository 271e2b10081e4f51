#include "workflows/training/optimization/sharded_adamw.h"

#include <ATen/CPUGeneratorImpl.h>
#include <gmock/gmock.h>
#include <torch/nn/utils/clip_grad.h>
#include <torch/optim/adamw.h>
#include <torch/types.h>

#include <cmath>
#include <limits>

#include "foundation/core/error.h"
#include "workflows/training/optimization/toy_model.h"

namespace fusion {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::vector<GroupRule> kRules{{.match = "first.*", .lr = 3e-3, .weight_decay = 0.05}};
constexpr double kLr = 1e-3;
constexpr double kWeightDecay = 0.1;

/// The optimiser with torch's own beside it, each on a toy of the same values.
struct Pair {
  explicit Pair(const AdamWOptions& options = {})
      : grouped(group_parameters(*toy, kLr, kWeightDecay, kRules)), ours(grouped, options, *communicator) {
    const auto theirs_grouped = group_parameters(*reference, kLr, kWeightDecay, kRules);
    std::vector<torch::optim::OptimizerParamGroup> groups;
    for (const ParameterGroup& group : theirs_grouped.groups) {
      std::vector<torch::Tensor> tensors;
      tensors.reserve(group.parameters.size());
      for (const NamedParameter& parameter : group.parameters) tensors.push_back(parameter.value);
      groups.emplace_back(tensors,
                          std::make_unique<torch::optim::AdamWOptions>(
                              torch::optim::AdamWOptions(group.lr).weight_decay(group.weight_decay).eps(options.eps)));
    }
    theirs = std::make_unique<torch::optim::AdamW>(groups);
  }

  void backward(uint64_t batch, bool with_last = true) {
    toy->loss(toy_batch(batch), with_last).backward();
    ours.finish_backward();
    reference->loss(toy_batch(batch), with_last).backward();
  }

  void step_both(uint64_t batch, bool with_last = true) {
    backward(batch, with_last);
    ours.step(1.0, std::nullopt, ours.gradient_norm());
    theirs->step();
    theirs->zero_grad();
  }

  void expect_equal() {
    for (const auto& item : reference->named_parameters()) {
      const auto got = toy->named_parameters()[item.key()];
      const double scale = item.value().abs().max().item<double>();
      EXPECT_LE((got - item.value()).abs().max().item<double>(), 1e-6 * scale) << item.key();
    }
  }

  std::shared_ptr<ToyModel> toy = std::make_shared<ToyModel>();
  std::shared_ptr<ToyModel> reference = std::make_shared<ToyModel>();
  std::unique_ptr<Communicator> communicator = single_process();
  GroupedParameters grouped;
  ShardedAdamW ours;
  std::unique_ptr<torch::optim::AdamW> theirs;
};

TEST(ShardedAdamW, OneStepIsTorchsOwn) {
  Pair pair;
  pair.expect_equal();
  pair.step_both(1);
  pair.expect_equal();
}

TEST(ShardedAdamW, ManyStepsAreTorchsOwnWhateverTheBuckets) {
  for (const int64_t bucket_bytes : {1, 1000, 1 << 20}) {
    Pair pair({.bucket_bytes = bucket_bytes});
    for (uint64_t batch = 0; batch < 5; ++batch) pair.step_both(batch);
    pair.expect_equal();
    EXPECT_EQ(pair.ours.steps(), 5);
  }
}

TEST(ShardedAdamW, GradientsAccumulate) {
  Pair pair;
  for (uint64_t batch = 0; batch < 3; ++batch) pair.backward(batch);
  pair.ours.step(1.0, std::nullopt, pair.ours.gradient_norm());
  pair.theirs->step();
  pair.expect_equal();
}

TEST(ShardedAdamW, ClipsAsTorchDoes) {
  Pair pair;
  pair.backward(1);
  const double norm = pair.ours.gradient_norm();
  const double clip = norm / 7;
  EXPECT_NEAR(torch::nn::utils::clip_grad_norm_(pair.reference->parameters(), clip), norm, 1e-5 * norm);
  pair.ours.step(1.0, clip, norm);
  pair.theirs->step();
  pair.expect_equal();
  // Adam's first step hardly sees the gradient's length; what it keeps of it does.
  const auto exp_avg = pair.ours.pieces("exp_avg").front();
  const auto expected = pair.reference->named_parameters()[exp_avg.name].grad().flatten() * 0.1;
  EXPECT_LE((exp_avg.values - expected).abs().max().item<double>(), 1e-6 * expected.abs().max().item<double>());
}

TEST(ShardedAdamW, AShortGradientIsNotClipped) {
  Pair clipped;
  Pair plain;
  clipped.backward(1);
  plain.backward(1);
  const double norm = plain.ours.gradient_norm();
  clipped.ours.step(1.0, norm * 2, norm);
  plain.ours.step(1.0, std::nullopt, norm);
  for (const auto& item : plain.toy->named_parameters()) {
    EXPECT_TRUE(torch::equal(item.value(), clipped.toy->named_parameters()[item.key()])) << item.key();
  }
}

TEST(ShardedAdamW, AParameterWithoutAGradientIsLeftAloneAndCountsItsOwnSteps) {
  Pair pair;
  const auto before = pair.toy->named_parameters()["last.weight"].clone();
  pair.step_both(0, /*with_last=*/false);
  pair.step_both(1, /*with_last=*/false);
  EXPECT_TRUE(torch::equal(before, pair.toy->named_parameters()["last.weight"]));
  EXPECT_THAT(pair.ours.skipped_steps(), ElementsAre(std::pair<const std::string, int64_t>("last.weight", 2)));
  pair.step_both(2);
  EXPECT_FALSE(torch::equal(before, pair.toy->named_parameters()["last.weight"]));
  pair.expect_equal();
}

TEST(ShardedAdamW, TheRateFactorMultipliesEveryGroupsRate) {
  Pair pair;
  pair.backward(1);
  for (auto& group : pair.theirs->param_groups()) {
    static_cast<torch::optim::AdamWOptions&>(group.options()).lr(group.options().get_lr() * 0.25);
  }
  pair.ours.step(0.25, std::nullopt, pair.ours.gradient_norm());
  pair.theirs->step();
  pair.expect_equal();
}

TEST(ShardedAdamW, StepsGiveTheSameBitsEveryTime) {
  Pair first;
  Pair second;
  for (uint64_t batch = 0; batch < 3; ++batch) {
    first.step_both(batch);
    second.step_both(batch);
  }
  for (const auto& item : first.toy->named_parameters()) {
    EXPECT_TRUE(torch::equal(item.value(), second.toy->named_parameters()[item.key()])) << item.key();
  }
}

TEST(ShardedAdamW, GradientsAreGivenBackAfterAStep) {
  Pair pair;
  pair.backward(1);
  EXPECT_GT(pair.ours.gradient_bytes(), 0);
  pair.ours.step(1.0, std::nullopt, 1.0);
  EXPECT_EQ(pair.ours.gradient_bytes(), 0);
}

TEST(ShardedAdamW, TheNormOfAGradientThatIsNotFiniteIsNotEither) {
  Pair pair;
  pair.backward(1);
  pair.toy->named_parameters()["first.bias"].mutable_grad()[0] = std::numeric_limits<float>::infinity();
  EXPECT_FALSE(std::isfinite(pair.ours.gradient_norm()));
  pair.ours.clear_gradients();
  EXPECT_EQ(pair.ours.gradient_norm(), 0.0);
}

TEST(ShardedAdamW, TheNormOfALongGradientIsExact) {
  auto generator = at::make_generator<at::CPUGeneratorImpl>(3);
  torch::Tensor parameter = torch::zeros({3'000'001}).requires_grad_();
  const auto communicator = single_process();
  const ShardedAdamW optimizer({.groups = {{.name = "all", .parameters = {{"long", parameter}}}}}, {}, *communicator);
  parameter.mutable_grad() = torch::empty({3'000'001}).normal_(0.0, 1e-3, generator);
  const double expected = parameter.grad().to(torch::kFloat64).norm().item<double>();
  EXPECT_NEAR(optimizer.gradient_norm(), expected, 1e-7 * expected);
}

TEST(ShardedAdamW, ParametersOfOtherTypesBecomeFloat32) {
  auto toy = std::make_shared<ToyModel>();
  toy->to(torch::kBFloat16);
  const auto communicator = single_process();
  const ShardedAdamW optimizer(group_parameters(*toy, kLr, 0, {}), {}, *communicator);
  for (const auto& parameter : toy->parameters()) EXPECT_EQ(parameter.scalar_type(), torch::kFloat32);
  EXPECT_TRUE(toy->loss(toy_batch(1), true).requires_grad());
}

/// The kinds of state under "kind/name", whole parameters.
std::map<std::string, torch::Tensor> saved(const ShardedAdamW& optimizer) {
  std::map<std::string, torch::Tensor> all;
  for (const std::string& kind : optimizer.kinds()) {
    for (const ParameterPiece& piece : optimizer.pieces(kind)) all[kind + "/" + piece.name] = piece.values.clone();
  }
  return all;
}

TEST(ShardedAdamW, ARunGoesOnFromItsSavedStateAsIfItHadNotStopped) {
  Pair whole({.ema_decay = 0.5});
  Pair resumed({.ema_decay = 0.5});
  for (uint64_t batch = 0; batch < 2; ++batch) whole.step_both(batch, /*with_last=*/batch > 0);
  const auto state = saved(whole.ours);
  resumed.ours.load([&](const std::string& kind, const std::string& name) { return state.at(kind + "/" + name); });
  resumed.ours.set_steps(whole.ours.steps(), whole.ours.skipped_steps());
  whole.step_both(7);
  resumed.step_both(7);
  const auto expected = saved(whole.ours);
  const auto got = saved(resumed.ours);
  ASSERT_EQ(got.size(), expected.size());
  for (const auto& [name, values] : expected) EXPECT_TRUE(torch::equal(got.at(name), values)) << name;
}

TEST(ShardedAdamW, StateOfAnotherModelIsRefused) {
  Pair pair;
  const auto load = [&](torch::Tensor values) {
    try {
      pair.ours.load([&](const std::string&, const std::string&) { return values; });
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  EXPECT_THAT(load(torch::zeros({3})), testing::AllOf(HasSubstr("weight of "), HasSubstr("another model")));
  EXPECT_THAT(load(torch::Tensor()), HasSubstr("got none"));
  EXPECT_THROW(pair.ours.set_steps(1, {{"no.such.parameter", 1}}), Error);
  EXPECT_THROW(pair.ours.pieces("ema"), Error);
}

TEST(ShardedAdamW, TheAverageFollowsTheWeightsAndStandsInForThem) {
  Pair pair({.ema_decay = 0.75});
  const torch::Tensor weight = pair.toy->named_parameters()["first.weight"];
  const auto before = weight.clone();
  pair.step_both(1);
  const auto after = weight.clone();
  pair.ours.use_ema();
  EXPECT_LE((weight - (before * 0.75 + after * 0.25)).abs().max().item<double>(), 1e-7);
  EXPECT_TRUE(torch::equal(pair.ours.pieces("weight").front().values, after.flatten()));
  pair.ours.use_ema();
  pair.ours.use_weights();
  EXPECT_TRUE(torch::equal(weight, after));
  pair.expect_equal();
}

}  // namespace
}  // namespace fusion
