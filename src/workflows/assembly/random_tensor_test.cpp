#include "workflows/assembly/random_tensor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <cstring>
#include <string>
#include <vector>

#include "foundation/config/test_support.h"
#include "foundation/nn/tensor_io.h"

namespace fusion {
namespace {

using testing::HasSubstr;

torch::Tensor made(const TensorSpec& spec, DType dtype = DType::kF32, uint64_t seed = 1) {
  const TensorSource source = random_tensor(spec, dtype, seed);
  std::vector<std::byte> bytes;
  source.produce([&](std::span<const std::byte> piece) { bytes.insert(bytes.end(), piece.begin(), piece.end()); });
  EXPECT_EQ(bytes.size(), source.byte_count());
  auto tensor = torch::empty(spec.shape, scalar_type_of(dtype, spec.name));
  if (!bytes.empty()) std::memcpy(tensor.data_ptr(), bytes.data(), bytes.size());
  return tensor;
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

}  // namespace
}  // namespace fusion
