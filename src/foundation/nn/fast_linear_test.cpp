#include "foundation/nn/fast_linear.h"

#include <gtest/gtest.h>

#include "foundation/nn/autocast.h"
#include "foundation/nn/linear.h"
#include "foundation/nn/test_support.h"

namespace fusion {
namespace {

struct Operands {
  torch::Tensor x;
  torch::Tensor weight;
  std::optional<torch::Tensor> bias;
};

Operands random_operands(bool with_bias, torch::ScalarType dtype = torch::kFloat32) {
  torch::manual_seed(21);
  const auto random = [dtype](at::IntArrayRef shape) {
    return torch::randn(shape, torch::dtype(dtype)).set_requires_grad(true);
  };
  Operands operands{.x = random({3, 67, 256}), .weight = random({192, 256}), .bias = std::nullopt};
  if (with_bias) operands.bias = random({192});
  return operands;
}

/// y, and the gradients of a sum over it that weighs every element otherwise.
std::vector<torch::Tensor> output_and_gradients(const Operands& operands, const torch::Tensor& y) {
  std::vector<torch::Tensor> results{y.detach()};
  // Transposed, as a gradient may come.
  const auto weights = torch::linspace(-1, 2, y.numel()).view({y.size(0), y.size(2), y.size(1)}).transpose(1, 2);
  (y * weights).sum().backward();
  for (torch::Tensor of : {operands.x, operands.weight, operands.bias.value_or(torch::Tensor())}) {
    if (!of.defined()) continue;
    results.push_back(of.grad().clone());
    of.mutable_grad().reset();
  }
  return results;
}

class FastLinear : public testing::TestWithParam<bool> {};

TEST_P(FastLinear, IsTorchsUpToRounding) {
  const Operands operands = random_operands(GetParam());
  if (!is_fast_linear(operands.x, operands.weight)) GTEST_SKIP() << "this torch has no oneDNN";
  const auto& [x, weight, bias] = operands;
  const auto expected = output_and_gradients(operands, torch::linear(x, weight, bias));
  const auto got = output_and_gradients(operands, fast_linear(x, weight, bias));
  ASSERT_EQ(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); ++i) {
    EXPECT_EQ(got[i].sizes(), expected[i].sizes());
    EXPECT_LT(((got[i] - expected[i]).norm() / expected[i].norm()).item<double>(), 1e-6) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Bias, FastLinear, testing::Bool());

TEST(FastLinearOfAFrozenWeight, PassesTheGradientOn) {
  Operands operands = random_operands(false);
  operands.weight.set_requires_grad(false);
  fast_linear(operands.x, operands.weight, {}).sum().backward();
  EXPECT_TRUE(torch::allclose(operands.x.grad(), operands.weight.sum(0).expand_as(operands.x), 1e-4, 1e-4));
  EXPECT_FALSE(operands.weight.grad().defined());
}

TEST(FastLinearOfOtherKinds, IsTorchs) {
  const Operands wide = random_operands(true, torch::kFloat64);
  EXPECT_FALSE(is_fast_linear(wide.x, wide.weight));
  const Operands operands = random_operands(true);
  EXPECT_FALSE(is_fast_linear(operands.x.slice(1, 0, 2), operands.weight));  // too small to be worth a kernel
  const AutocastGuard half(Autocast{.device = torch::kCPU, .dtype = torch::kBFloat16});
  EXPECT_FALSE(is_fast_linear(operands.x, operands.weight));
  EXPECT_EQ(fast_linear(operands.x, operands.weight, operands.bias).scalar_type(), torch::kBFloat16);
}

TEST(FastLinearInAModule, IsForTrainingOnly) {
  const Operands operands = random_operands(false);
  Linear linear(256, 192, /*bias=*/false, torch::TensorOptions());
  fill_randomly(*linear, 3);
  const auto weight = linear->weight();
  EXPECT_TRUE(torch::equal(linear(operands.x), fast_linear(operands.x, weight, {})));
  linear->eval();
  EXPECT_TRUE(torch::equal(linear(operands.x), torch::linear(operands.x, weight)));
}

}  // namespace
}  // namespace fusion
