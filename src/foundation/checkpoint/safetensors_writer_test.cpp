#include "foundation/checkpoint/safetensors_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "foundation/checkpoint/checkpoint.h"
#include "foundation/checkpoint/test_support.h"
#include "foundation/config/input_file.h"
#include "foundation/config/test_support.h"
#include "foundation/core/text.h"

namespace fusion {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr uint64_t kMaxBytes = uint64_t{64} << 20;

/// A tensor whose bytes are all `value`, handed over in pieces of three.
TensorSource filled(std::string name, DType dtype, std::vector<int64_t> shape, unsigned char value) {
  TensorSource source{.name = std::move(name), .dtype = dtype, .shape = std::move(shape), .produce = {}};
  source.produce = [bytes = std::vector<std::byte>(source.byte_count(), std::byte{value})](const ByteSink& sink) {
    for (size_t at = 0; at < bytes.size(); at += 3) {
      sink(std::span(bytes).subspan(at, std::min<size_t>(3, bytes.size() - at)));
    }
  };
  return source;
}

TEST(WriteSafetensors, WritesTheLibrarysLayoutToTheByte) {
  const ScratchFolder folder;
  const std::string path = folder / "a.safetensors";
  write_safetensors(path,
                    {filled("z", DType::kU8, {3}, 1), filled("b", DType::kF32, {2}, 2), filled("a", DType::kF32, {}, 3),
                     filled("long", DType::kI64, {1, 1}, 4), filled("none", DType::kBF16, {0, 5}, 0)},
                    {{"format", "pt"}});
  const std::string header =
      R"({"__metadata__":{"format":"pt"},"long":{"dtype":"I64","shape":[1,1],"data_offsets":[0,8]},)"
      R"("a":{"dtype":"F32","shape":[],"data_offsets":[8,12]},"b":{"dtype":"F32","shape":[2],"data_offsets":[12,20]},)"
      R"("none":{"dtype":"BF16","shape":[0,5],"data_offsets":[20,20]},)"
      R"("z":{"dtype":"U8","shape":[3],"data_offsets":[20,23]}})";
  const size_t padding = (8 - header.size() % 8) % 8;
  EXPECT_EQ(read_text_file(path, kMaxBytes), file_with_header(header + std::string(padding, ' '), 0) +
                                                 std::string(8, '\4') + std::string(4, '\3') + std::string(8, '\2') +
                                                 std::string(3, '\1'));
}

TEST(WriteSafetensors, WhatIsReadIsWhatWasWritten) {
  const ScratchFolder folder;
  for (const std::string name : {"case", "model"}) {
    const auto golden = SafetensorsFile::open(FUSION_SOURCE_DIR "/parity/goldens/e_text_only/" + name + ".safetensors");
    std::vector<TensorSource> sources;
    for (const TensorView& tensor : golden->tensors()) sources.push_back(source_of(tensor));
    const std::string path = folder / (name + ".safetensors");
    write_safetensors(path, sources, golden->metadata());

    const auto copy = SafetensorsFile::open(path);
    ASSERT_EQ(copy->tensors().size(), golden->tensors().size());
    EXPECT_EQ(copy->metadata(), golden->metadata());
    for (const TensorView& tensor : golden->tensors()) {
      const TensorView& other = copy->at(tensor.name);
      EXPECT_EQ(other.dtype, tensor.dtype);
      EXPECT_EQ(other.shape, tensor.shape);
      EXPECT_TRUE(other.aligned());
      EXPECT_TRUE(std::equal(other.bytes.begin(), other.bytes.end(), tensor.bytes.begin(), tensor.bytes.end()));
    }
  }
}

TEST(WriteSafetensors, AFullDiskIsAnErrorAndThePreviousFileStays) {
  const ScratchFolder folder;
  const std::string path = folder.put("a.safetensors", "the previous file");
  const std::string message = [&] {
    const FileSizeLimit limit(100'000);
    return error_of([&] { write_safetensors(path, {filled("a", DType::kF32, {50'000}, 1)}); });
  }();
  EXPECT_THAT(message, AllOf(HasSubstr(path), HasSubstr("File too large"), HasSubstr("free some space")));
  EXPECT_EQ(read_text_file(path, kMaxBytes), "the previous file");
  EXPECT_EQ(folder.file_count(), 1u);
}

TEST(WriteSafetensors, AFailingSourceLeavesThePreviousFile) {
  const ScratchFolder folder;
  const std::string path = folder.put("a.safetensors", "the previous file");
  TensorSource source = filled("a", DType::kF32, {2}, 1);
  const auto attempt = [&](std::function<void(const ByteSink&)> produce) {
    source.produce = std::move(produce);
    return error_of([&] { write_safetensors(path, {source}); });
  };
  EXPECT_THAT(attempt([](const ByteSink& sink) { sink(bytes_of("1234567")); }),
              HasSubstr("tensor 'a': expected 8 bytes from its source, got 7"));
  EXPECT_THAT(attempt([](const ByteSink& sink) { sink(bytes_of("123456789")); }), HasSubstr("got 9"));
  EXPECT_THAT(attempt([](const ByteSink&) { throw Error({.who = "source", .got = "nothing"}); }), HasSubstr("source"));
  EXPECT_EQ(read_text_file(path, kMaxBytes), "the previous file");
  EXPECT_EQ(folder.file_count(), 1u);
}

TEST(WriteSafetensors, RefusesWhatCouldNotBeReadBack) {
  const ScratchFolder folder;
  const auto attempt = [&](const std::vector<TensorSource>& tensors, const TensorMetadata& metadata) {
    return error_of([&] { write_safetensors(folder / "a.safetensors", tensors, metadata); });
  };
  const TensorSource a = filled("a", DType::kU8, {1}, 1);
  EXPECT_THAT(attempt({a, a}, {}), HasSubstr("'a': expected every name once"));
  EXPECT_THAT(attempt({filled("__metadata__", DType::kU8, {1}, 1)}, {}), HasSubstr("another name"));
  EXPECT_THAT(attempt({filled("\xff", DType::kU8, {1}, 1)}, {}), HasSubstr("UTF-8"));
  EXPECT_THAT(attempt({a}, {{"k", "\xff"}}), HasSubstr("UTF-8"));
  EXPECT_THAT(attempt({{.name = "n", .dtype = DType::kU8, .shape = {-1}, .produce = {}}}, {}), HasSubstr("[-1]"));
  EXPECT_EQ(folder.file_count(), 0u);
}

std::vector<TensorSource> five_tensors() {
  std::vector<TensorSource> tensors;
  for (const int64_t size : {40, 40, 40, 200, 10}) {
    tensors.push_back(filled(cat("t", tensors.size()), DType::kU8, {size}, 1));
  }
  return tensors;
}

TEST(SaveSharded, FillsShardsInOrderAndReadsBack) {
  const ScratchFolder folder;
  save_sharded(folder.path(), five_tensors(), 100, {{"format", "pt"}});
  EXPECT_EQ(folder.file_count(), 5u);
  const auto names = [&](const std::string& shard) {
    std::vector<std::string> found;
    const auto file = SafetensorsFile::open(folder / shard);
    for (const TensorView& tensor : file->tensors()) found.push_back(tensor.name);
    return found;
  };
  EXPECT_THAT(names("model-00001-of-00004.safetensors"), ElementsAre("t0", "t1"));
  EXPECT_THAT(names("model-00002-of-00004.safetensors"), ElementsAre("t2"));
  EXPECT_THAT(names("model-00003-of-00004.safetensors"), ElementsAre("t3"));
  EXPECT_THAT(names("model-00004-of-00004.safetensors"), ElementsAre("t4"));

  const Checkpoint checkpoint(folder.path());
  EXPECT_EQ(checkpoint.tensors().size(), 5u);
  EXPECT_EQ(checkpoint.total_bytes(), 330u);
  EXPECT_EQ(checkpoint.table()[3], (TensorSpec{"t3", {200}}));
  EXPECT_THAT(read_text_file(folder / "model.safetensors.index.json", kMaxBytes), HasSubstr("\"total_size\": 330"));
}

TEST(SaveSharded, ReplacesWhateverCheckpointWasThere) {
  const ScratchFolder folder;
  folder.put("config.json", "{}");
  save_sharded(folder.path(), five_tensors(), 100);
  save_sharded(folder.path(), five_tensors(), 220);
  EXPECT_EQ(folder.file_count(), 4u);
  EXPECT_EQ(Checkpoint(folder.path()).tensors().size(), 5u);
  save_sharded(folder.path(), five_tensors(), kMaxBytes);
  EXPECT_EQ(folder.file_count(), 2u);
  EXPECT_EQ(Checkpoint(folder.path()).tensors().size(), 5u);
  save_sharded(folder.path(), five_tensors(), 220);
  EXPECT_EQ(folder.file_count(), 4u);
  EXPECT_EQ(Checkpoint(folder.path()).tensors().size(), 5u);
}

TEST(SaveSharded, AFailureInTheLastShardLeavesTheOldCheckpoint) {
  const ScratchFolder folder;
  save_sharded(folder.path(), {filled("old", DType::kU8, {10}, 1)}, 100);
  auto tensors = five_tensors();
  tensors.back().produce = [](const ByteSink&) {};
  EXPECT_THAT(error_of([&] { save_sharded(folder.path(), tensors, 100); }), HasSubstr("tensor 't4'"));
  EXPECT_EQ(folder.file_count(), 1u);
  EXPECT_NE(Checkpoint(folder.path()).find("old"), nullptr);
  EXPECT_THAT(error_of([&] { save_sharded(folder / "none", five_tensors(), 100); }), HasSubstr("No such file"));
}

}  // namespace
}  // namespace fusion
