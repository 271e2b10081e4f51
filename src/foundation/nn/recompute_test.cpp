#include "foundation/nn/recompute.h"

#include <gtest/gtest.h>

#include <tuple>

#include "foundation/nn/autocast.h"
#include "foundation/nn/linear.h"
#include "foundation/nn/test_support.h"

namespace fusion {
namespace {

struct Gradients {
  torch::Tensor output;
  torch::Tensor input;
  torch::Tensor weight;
};

/// tanh(W x) twice, then its sum backwards.
Gradients run(bool recompute, const std::optional<Autocast>& autocast, bool input_wants_gradients = true) {
  Linear linear(8, 8, /*bias=*/true, torch::TensorOptions());
  fill_randomly(*linear, 7);
  for (auto& parameter : linear->parameters()) parameter.set_requires_grad(true);
  const auto x = torch::linspace(-1, 1, 16).reshape({2, 8}).set_requires_grad(input_wants_gradients);
  const Block block = [linear](const std::vector<torch::Tensor>& in) mutable {
    return torch::tanh(linear(torch::tanh(linear(in[0]))));
  };
  Gradients result;
  {
    const AutocastGuard guard(autocast);
    result.output = recompute ? recomputed(*linear, block, {x}) : block({x});
  }
  result.output.to(torch::kFloat32).square().sum().backward();
  result.input = x.grad();
  result.weight = linear->parameters()[0].grad();
  return result;
}

TEST(Recompute, GivesTheSameGradients) {
  const Gradients plain = run(false, std::nullopt);
  const Gradients again = run(true, std::nullopt);
  EXPECT_TRUE(torch::equal(plain.output, again.output));
  EXPECT_TRUE(torch::equal(plain.input, again.input));
  EXPECT_TRUE(torch::equal(plain.weight, again.weight));
}

TEST(Recompute, TrainsABlockWhoseInputWantsNoGradients) {
  const Gradients plain = run(false, std::nullopt, /*input_wants_gradients=*/false);
  const Gradients again = run(true, std::nullopt, /*input_wants_gradients=*/false);
  EXPECT_FALSE(again.input.defined());
  EXPECT_TRUE(torch::equal(plain.weight, again.weight));
}

TEST(Recompute, RecomputesInThePrecisionOfTheForwardPass) {
  const Autocast half{.device = torch::kCPU, .dtype = torch::kBFloat16};
  const Gradients plain = run(false, half);
  const Gradients again = run(true, half);
  EXPECT_EQ(again.output.scalar_type(), torch::kBFloat16);
  EXPECT_TRUE(torch::equal(plain.input, again.input));
  EXPECT_TRUE(torch::equal(plain.weight, again.weight));
  EXPECT_FALSE(torch::equal(again.weight, run(true, std::nullopt).weight));
  EXPECT_FALSE(current_autocast().has_value());
}

TEST(Recompute, DropsTheSameInputsAgain) {
  const auto gradient = [](bool recompute) {
    const auto x = torch::ones({64}).set_requires_grad(true);
    const Block block = [](const std::vector<torch::Tensor>& in) { return torch::dropout(in[0], 0.5, /*train=*/true); };
    torch::manual_seed(3);
    const auto y = recompute ? recomputed(torch::nn::Module(), block, {x}) : block({x});
    const auto next = torch::rand({4});
    y.sum().backward();
    return std::tuple(x.grad(), next, torch::rand({4}));
  };
  const auto [plain, plain_next, plain_after] = gradient(false);
  const auto [again, next, after] = gradient(true);
  EXPECT_TRUE(torch::equal(plain, again));
  // Numbers drawn elsewhere know nothing of the second time.
  EXPECT_TRUE(torch::equal(plain_next, next));
  EXPECT_TRUE(torch::equal(plain_after, after));
}

TEST(Recompute, KeepsNoIntermediates) {
  int calls = 0;
  const auto x = torch::ones({2}).set_requires_grad(true);
  const Block block = [&calls](const std::vector<torch::Tensor>& in) {
    ++calls;
    return in[0].square();
  };
  const torch::nn::Module none;
  const auto y = recomputed(none, block, {x});
  EXPECT_EQ(calls, 1);
  y.sum().backward();
  EXPECT_EQ(calls, 2);
  const torch::NoGradGuard no_grad;
  EXPECT_FALSE(recomputed(none, block, {x}).requires_grad());
  EXPECT_EQ(calls, 3);
}

TEST(Recompute, LeavesAFrozenBlockAlone) {
  Linear linear(8, 8, /*bias=*/true, torch::TensorOptions());
  fill_randomly(*linear, 7);
  const Block block = [linear](const std::vector<torch::Tensor>& in) mutable { return linear(in[0]); };
  EXPECT_FALSE(recomputed(*linear, block, {torch::ones({2, 8})}).requires_grad());
  const auto x = torch::ones({2, 8}).set_requires_grad(true);
  recomputed(*linear, block, {x}).sum().backward();
  EXPECT_TRUE(x.grad().defined());
}

}  // namespace
}  // namespace fusion
