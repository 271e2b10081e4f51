#include "workflows/assembly/random_tensor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "foundation/config/test_support.h"
#include "foundation/nn/tensor_io.h"

namespace fusion {
namespace {

using testing::HasSubstr;

torch::Tensor produced(const TensorSource& source) {
  std::vector<std::byte> bytes;
  source.produce([&](std::span<const std::byte> piece) { bytes.insert(bytes.end(), piece.begin(), piece.end()); });
  EXPECT_EQ(bytes.size(), source.byte_count());
  auto tensor = torch::empty(source.shape, scalar_type_of(source.dtype, source.name));
  if (!bytes.empty()) std::memcpy(tensor.data_ptr(), bytes.data(), bytes.size());
  return tensor;
}

torch::Tensor made(const TensorSpec& spec, DType dtype = DType::kF32, uint64_t seed = 1) {
  return produced(random_tensor(spec, dtype, seed));
}

TEST(RandomTensor, MatricesAreNormal) {
  const auto values = made({.name = "a.weight", .shape = {300, 2000}});
  EXPECT_NEAR(values.mean().item<double>(), 0, 1e-4);
  EXPECT_NEAR(values.std().item<double>(), 0.02, 1e-4);
  EXPECT_GT(values.abs().max().item<double>(), 0.08);
  // Blocks of one tensor are not copies of each other.
  const auto flat = values.flatten();
  EXPECT_FALSE(torch::equal(flat.slice(0, 0, 1000), flat.slice(0, 1 << 18, (1 << 18) + 1000)));
}

TEST(RandomTensor, TakesTheDeviationThatIsAskedFor) {
  const TensorSpec spec{.name = "a.weight", .shape = {300, 300}};
  EXPECT_NEAR(produced(random_tensor(spec, DType::kF32, 1, 0.06)).std().item<double>(), 0.06, 1e-3);
}

TEST(RandomTensor, NormsAreOnesAndBiasesZeros) {
  EXPECT_TRUE(torch::equal(made({.name = "norm.weight", .shape = {7}}), torch::ones({7})));
  EXPECT_TRUE(torch::equal(made({.name = "fc.bias", .shape = {7}}), torch::zeros({7})));
  EXPECT_GT(made({.name = "embeddings.class_embedding", .shape = {64}}).std().item<double>(), 0.01);
}

TEST(RandomTensor, DependsOnSeedAndNameAlone) {
  const TensorSpec spec{.name = "a.weight", .shape = {64, 64}};
  const auto values = made(spec);
  EXPECT_TRUE(torch::equal(values, made(spec)));
  EXPECT_FALSE(torch::equal(values, made(spec, DType::kF32, /*seed=*/2)));
  EXPECT_FALSE(torch::equal(values, made({.name = "b.weight", .shape = {64, 64}})));
}

TEST(RandomTensor, NumberOfThreadsDoesNotMatter) {
  const TensorSpec spec{.name = "a.weight", .shape = {1000, 1000}};
  const auto values = made(spec);
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const auto again = made(spec);
  at::set_num_threads(threads);
  EXPECT_TRUE(torch::equal(values, again));
}

TEST(RandomTensor, HalfFormatsAreTheSameValuesRounded) {
  const TensorSpec spec{.name = "a.weight", .shape = {64, 64}};
  EXPECT_TRUE(torch::equal(made(spec, DType::kBF16), made(spec).to(torch::kBFloat16)));
  EXPECT_TRUE(torch::equal(made(spec, DType::kF16), made(spec).to(torch::kHalf)));
}

TEST(RandomTensor, HandlesOddSizes) {
  for (const int64_t size : {0, 1, 3, 15, 17}) {
    EXPECT_TRUE(torch::isfinite(made({.name = "a.weight", .shape = {size, 1}})).all().item<bool>());
  }
}

TEST(RandomTensor, RefusesIntegers) {
  EXPECT_THAT(error_of([] { random_tensor({.name = "a.weight", .shape = {2, 2}}, DType::kI8, 1); }), HasSubstr("I8"));
}

TEST(TorchDefaultTensor, LinearsAreUniformWithinTheirFanIn) {
  const std::vector<TensorSpec> module = {{.name = "fc.weight", .shape = {300, 400}},
                                          {.name = "fc.bias", .shape = {3000}}};
  for (const TensorSpec& spec : module) {
    const auto values = produced(torch_default_tensor(spec, module, DType::kF32, 1));
    const double bound = 1.0 / 20;  // of the weight's 400 inputs, for the bias too
    EXPECT_LE(values.abs().max().item<double>(), bound);
    EXPECT_GT(values.abs().max().item<double>(), 0.99 * bound);
    EXPECT_NEAR(values.mean().item<double>(), 0, 2e-3);
    EXPECT_NEAR(values.std().item<double>(), bound / std::sqrt(3.0), 1e-3);
  }
}

TEST(TorchDefaultTensor, NormsAreOnesAndZeros) {
  const std::vector<TensorSpec> module = {{.name = "norm.weight", .shape = {7}}, {.name = "norm.bias", .shape = {7}}};
  const auto made_of = [&](const TensorSpec& spec) {
    return produced(torch_default_tensor(spec, module, DType::kBF16, 1));
  };
  EXPECT_TRUE(torch::equal(made_of(module[0]), torch::ones({7}, torch::kBFloat16)));
  EXPECT_TRUE(torch::equal(made_of(module[1]), torch::zeros({7}, torch::kBFloat16)));
  EXPECT_THAT(error_of([&] { torch_default_tensor({.name = "fc.bias", .shape = {7}}, module, DType::kF32, 1); }),
              HasSubstr("the weight fc.weight beside it"));
}

}  // namespace
}  // namespace fusion
