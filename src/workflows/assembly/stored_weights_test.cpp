#include "workflows/assembly/stored_weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "foundation/config/test_support.h"
#include "foundation/nn/tensor_io.h"

namespace fusion {
namespace {

using testing::HasSubstr;

/// A checkpoint of one tensor.
class Stored {
 public:
  explicit Stored(const torch::Tensor& values) {
    write_safetensors(folder_ / "model.safetensors", {source_of("table", values)});
    checkpoint_ = std::make_unique<Checkpoint>(folder_.path());
  }
  const StoredTensor& tensor() const { return *checkpoint_->find("table"); }

 private:
  ScratchFolder folder_;
  std::unique_ptr<Checkpoint> checkpoint_;
};

torch::Tensor produced_tensor(const TensorSource& source, size_t* largest_piece = nullptr) {
  std::vector<std::byte> bytes;
  source.produce([&](std::span<const std::byte> piece) {
    bytes.insert(bytes.end(), piece.begin(), piece.end());
    if (largest_piece != nullptr) *largest_piece = std::max(*largest_piece, piece.size());
  });
  EXPECT_EQ(bytes.size(), source.byte_count());
  auto tensor = torch::empty(source.shape, scalar_type_of(source.dtype, source.name));
  if (!bytes.empty()) std::memcpy(tensor.data_ptr(), bytes.data(), bytes.size());
  return tensor;
}

TEST(ConvertedTensor, RoundsToTheNewPrecision) {
  torch::manual_seed(1);
  const auto values = torch::randn({3, 5, 7});
  const Stored stored(values);
  EXPECT_TRUE(torch::equal(produced_tensor(converted_tensor(stored.tensor(), "a", DType::kF32)), values));
  EXPECT_TRUE(
      torch::equal(produced_tensor(converted_tensor(stored.tensor(), "a", DType::kBF16)), values.to(torch::kBFloat16)));
  EXPECT_TRUE(
      torch::equal(produced_tensor(converted_tensor(stored.tensor(), "a", DType::kF16)), values.to(torch::kHalf)));
  EXPECT_EQ(converted_tensor(stored.tensor(), "a", DType::kF32).name, "a");
}

TEST(ConvertedTensor, GoesThroughInPieces) {
  const auto values = torch::arange(3'000'000, torch::kFloat32);
  const Stored stored(values);
  size_t largest = 0;
  EXPECT_TRUE(torch::equal(produced_tensor(converted_tensor(stored.tensor(), "a", DType::kF32), &largest), values));
  EXPECT_LE(largest, size_t{4} << 20);
}

TEST(ConvertedTensor, ReadingItLeavesTheStoredTensorAsItWas) {
  const auto values = torch::arange(3'000'000, torch::kFloat32);
  const Stored stored(values);
  for (int time = 0; time < 2; ++time) {
    EXPECT_TRUE(torch::equal(produced_tensor(converted_tensor(stored.tensor(), "a", DType::kF32)), values));
  }
  EXPECT_TRUE(torch::equal(tensor_of(stored.tensor().file, *stored.tensor().view), values));
}

TEST(ConvertedTensor, OddShapes) {
  const Stored scalar(torch::tensor(2.5F));
  EXPECT_EQ(produced_tensor(converted_tensor(scalar.tensor(), "a", DType::kBF16)).item<double>(), 2.5);
  const Stored empty(torch::empty({0, 4}));
  EXPECT_EQ(produced_tensor(converted_tensor(empty.tensor(), "a", DType::kBF16)).numel(), 0);
}

TEST(ConvertedTensor, RefusesIntegersAndWhatDoesNotFit) {
  const Stored integers(torch::ones({4}, torch::kInt8));
  EXPECT_THAT(error_of([&] { converted_tensor(integers.tensor(), "a", DType::kF32); }), HasSubstr("quantised"));
  const Stored large(torch::tensor({1.0F, 1e6F}));
  EXPECT_THAT(error_of([&] { produced_tensor(converted_tensor(large.tensor(), "a", DType::kF16)); }),
              HasSubstr("--dtype bfloat16"));
}

TEST(ResizedTable, NewRowsAreTheMeanOfTheOlderOnes) {
  torch::manual_seed(2);
  const auto table = torch::randn({40, 6});
  const Stored stored(table);
  // Fewer rows, of which the last two are new: what was stored there does not count.
  const auto shrunk = produced_tensor(resized_table(stored.tensor(), "a", DType::kF32, 32, 30));
  EXPECT_TRUE(torch::equal(shrunk.slice(0, 0, 30), table.slice(0, 0, 30)));
  const auto mean = table.slice(0, 0, 30).to(torch::kFloat64).mean(0).to(torch::kFloat32);
  EXPECT_TRUE(torch::equal(shrunk[30], mean));
  EXPECT_TRUE(torch::equal(shrunk[31], mean));
  // More rows than there were, and more tokens than there were rows.
  const auto grown = produced_tensor(resized_table(stored.tensor(), "a", DType::kBF16, 45, 43));
  EXPECT_TRUE(torch::equal(grown.slice(0, 0, 40), table.to(torch::kBFloat16)));
  const auto all = table.to(torch::kFloat64).mean(0).to(torch::kFloat32).to(torch::kBFloat16);
  for (int64_t row = 40; row < 45; ++row) EXPECT_TRUE(torch::equal(grown[row], all));
  // Nothing new.
  EXPECT_TRUE(torch::equal(produced_tensor(resized_table(stored.tensor(), "a", DType::kF32, 40, 40)), table));
}

TEST(ResizedPositions, EqualTransformers) {
  const std::string folder = std::string(FUSION_SOURCE_DIR) + "/tests/data/hf/";
  const auto expected = SafetensorsFile::open(folder + "expected.safetensors");
  for (const auto& [name, tower, side] : {std::tuple("siglip_35", "siglip", 5), std::tuple("tower_24", "tower", 3)}) {
    const Checkpoint checkpoint(folder + tower);
    const StoredTensor& stored = *checkpoint.find("vision_model.embeddings.position_embedding.weight");
    const auto resized = produced_tensor(resized_positions(stored, "a", DType::kF32, side));
    const auto wanted = tensor_of(expected, expected->at(name));
    EXPECT_LT((resized - wanted).abs().max().item<double>(), 1e-6) << name;
  }
}

}  // namespace
}  // namespace fusion
