#include "foundation/nn/linear.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "foundation/core/error.h"
#include "foundation/nn/autocast.h"
#include "foundation/nn/test_support.h"

namespace fusion {
namespace {

constexpr AdapterOptions kAdapter{.rank = 3, .alpha = 6, .dropout = 0.25};

class LinearAdapter : public testing::Test {
 protected:
  LinearAdapter() {
    fill_randomly(*linear_, 7);
    linear_->eval();
    torch::manual_seed(5);
  }

  void add() { linear_->add_adapter(kAdapter, a_, b_); }

  Linear linear_{8, 5, /*bias=*/true, torch::TensorOptions()};
  torch::Tensor a_ = torch::linspace(-1, 1, 24).reshape({3, 8});
  torch::Tensor b_ = torch::linspace(2, -1, 15).reshape({5, 3});
  torch::Tensor x_ = torch::linspace(-2, 3, 32).reshape({2, 2, 8});
};

TEST_F(LinearAdapter, AddsTwoThinMatrices) {
  const auto plain = linear_(x_);
  EXPECT_EQ(linear_->parameters().size(), 2U);
  add();
  EXPECT_TRUE(linear_->named_parameters().contains("lora_A"));
  EXPECT_TRUE(linear_->named_parameters().contains("lora_B"));
  const auto expected = plain + 2 * torch::matmul(torch::matmul(x_, a_.t()), b_.t());
  EXPECT_TRUE(torch::allclose(linear_(x_), expected, 1e-5, 1e-5));
}

TEST_F(LinearAdapter, AsOneMatrixGivesTheSame) {
  EXPECT_TRUE(linear_->merged_weight().is_same(linear_->weight()));
  add();
  Linear merged(8, 5, /*bias=*/true, torch::TensorOptions());
  merged->named_parameters()["weight"].set_data(linear_->merged_weight());
  merged->named_parameters()["bias"].set_data(linear_->named_parameters()["bias"]);
  EXPECT_TRUE(torch::allclose(linear_(x_), merged(x_), 1e-5, 1e-5));
}

TEST_F(LinearAdapter, MergesIn16BitsWithOneRounding) {
  const auto exact = [&] {
    const auto w = linear_->weight().to(torch::kBFloat16).to(torch::kFloat32);
    return (w + 2 * torch::matmul(b_, a_)).to(torch::kBFloat16);
  }();
  linear_->named_parameters()["weight"].set_data(linear_->weight().to(torch::kBFloat16));
  add();
  EXPECT_TRUE(torch::equal(linear_->merged_weight(), exact));
}

TEST_F(LinearAdapter, DropsInputsInTrainingOnly) {
  add();
  const auto steady = linear_(x_);
  EXPECT_TRUE(torch::equal(linear_(x_), steady));
  linear_->train();
  EXPECT_FALSE(torch::equal(linear_(x_), steady));
  torch::manual_seed(9);
  const auto drawn = linear_(x_);
  torch::manual_seed(9);
  EXPECT_TRUE(torch::equal(linear_(x_), drawn));
}

TEST_F(LinearAdapter, LearnsInFloat32UnderAutocastBesideA16BitWeight) {
  linear_->named_parameters()["weight"].set_data(linear_->weight().to(torch::kBFloat16));
  add();
  const AutocastGuard guard(Autocast{});
  const auto y = linear_(x_);
  EXPECT_EQ(y.scalar_type(), torch::kBFloat16);
  y.sum().backward();
  EXPECT_EQ(linear_->named_parameters()["lora_A"].grad().scalar_type(), torch::kFloat32);
  EXPECT_FALSE(linear_->weight().grad().defined());
}

TEST_F(LinearAdapter, RefusesShapesThatDoNotFitAndASecondOne) {
  const auto error = [&](const torch::Tensor& a, const torch::Tensor& b) -> std::string {
    try {
      linear_->add_adapter(kAdapter, a, b);
    } catch (const Error& refusal) {
      return refusal.what();
    }
    return "no error";
  };
  EXPECT_THAT(error(a_.t(), b_), testing::HasSubstr("lora_A: expected shape [3, 8], got [8, 3]"));
  EXPECT_THAT(error(a_, b_.slice(0, 0, 4)), testing::HasSubstr("lora_B: expected shape [5, 3], got [4, 3]"));
  EXPECT_FALSE(linear_->adapter());
  add();
  EXPECT_THAT(error(a_, b_), testing::HasSubstr("has one already"));
}

class QuantisedLinear : public testing::Test {
 protected:
  QuantisedLinear() {
    fill_randomly(*linear_, 3);
    linear_->eval();
  }

  Linear linear_{40, 9, /*bias=*/true, torch::TensorOptions()};
  torch::Tensor x_ = torch::sin(torch::arange(240, torch::kFloat32)).reshape({2, 3, 40});
};

TEST_F(QuantisedLinear, KeepsEachRowWithinAStepOfItsLargestValue) {
  const auto before = linear_->weight().clone();
  const auto y = linear_(x_);
  linear_->quantise();
  EXPECT_EQ(linear_->weight().scalar_type(), torch::kInt8);
  EXPECT_EQ(linear_->weight().sizes(), before.sizes());
  // Each of the 40 products is off by at most half a step times |x| <= 1.
  const auto bound = before.abs().amax(1) / 127 / 2 * 40;
  EXPECT_TRUE((linear_(x_) - y).abs().le(bound).all().item<bool>());
  EXPECT_FALSE(torch::equal(linear_(x_), y));
}

TEST_F(QuantisedLinear, WhatFitsTheStepsIsExact) {
  auto weight = linear_->named_parameters()["weight"];
  weight.set_data(torch::randint(-127, 128, {9, 40}).to(torch::kFloat32));
  weight.select(1, 0).fill_(127);
  const auto y = linear_(x_);
  linear_->quantise();
  EXPECT_TRUE(torch::allclose(linear_(x_), y, 1e-5, 1e-4));
}

TEST_F(QuantisedLinear, ARowIsTheSameWhateverItIsComputedWith) {
  linear_->quantise();
  const auto all = linear_(x_);
  EXPECT_TRUE(torch::equal(linear_(x_.narrow(0, 1, 1)), all.narrow(0, 1, 1)));
}

TEST_F(QuantisedLinear, RowsOfAVectorsLengthGiveTheSameAsOthers) {
  Linear even(48, 9, /*bias=*/false, torch::TensorOptions());
  fill_randomly(*even, 4);
  even->eval();
  const auto x = torch::sin(torch::arange(96, torch::kFloat32)).reshape({2, 48});
  const auto y = even(x);
  const auto bound = even->weight().abs().amax(1) / 127 / 2 * 48;
  even->quantise();
  EXPECT_TRUE((even(x) - y).abs().le(bound).all().item<bool>());
  EXPECT_TRUE(torch::allclose(even(x.to(torch::kBFloat16)).to(torch::kFloat32), y, 0.05, 0.05));
}

TEST_F(QuantisedLinear, ARowOfALongProductIsTheSameByItself) {
  Linear wide(1152, 70, /*bias=*/true, torch::TensorOptions());
  fill_randomly(*wide, 5);
  wide->eval();
  wide->quantise();
  for (const auto dtype : {torch::kFloat32, torch::kBFloat16}) {
    const auto x = torch::sin(torch::arange(37 * 1152, torch::kFloat32)).reshape({37, 1152}).to(dtype);
    const auto all = wide(x);
    for (const int64_t row : {0, 17, 36}) {
      const auto alone = wide(x.narrow(0, row, 1));
      const bool same = dtype == torch::kBFloat16 ? torch::equal(alone, all.narrow(0, row, 1))
                                                  : torch::allclose(alone, all.narrow(0, row, 1), 1e-5, 1e-4);
      EXPECT_TRUE(same) << dtype << " " << row;
    }
  }
}

TEST_F(QuantisedLinear, RowsOfZerosAnd16BitsWork) {
  linear_->named_parameters()["weight"].select(0, 2).zero_();
  linear_->quantise();
  linear_->quantise();
  EXPECT_TRUE(linear_(x_).isfinite().all().item<bool>());
  linear_->named_parameters()["bias"].set_data(linear_->named_parameters()["bias"].to(torch::kBFloat16));
  const auto narrow = linear_(x_.to(torch::kBFloat16));
  EXPECT_EQ(narrow.scalar_type(), torch::kBFloat16);
}

TEST_F(QuantisedLinear, AnAdapterStandsBesideTheIntegers) {
  linear_->add_adapter({.rank = 2, .alpha = 2}, torch::ones({2, 40}), torch::ones({9, 2}));
  const auto y = linear_(x_);
  linear_->quantise();
  EXPECT_TRUE(torch::allclose(linear_(x_), y, 0.05, 0.5));
}

TEST_F(QuantisedLinear, AllOfAModule) {
  torch::nn::Module parent;
  parent.register_module("one", linear_);
  quantise_matrices(parent);
  EXPECT_TRUE(linear_->is_quantised());
}

}  // namespace
}  // namespace fusion
