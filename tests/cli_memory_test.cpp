// Requests and models that do not fit into memory.

#include <filesystem>

#include "foundation/checkpoint/safetensors.h"
#include "foundation/checkpoint/test_support.h"
#include "tests/cli_support.h"

namespace fusion {
namespace {

constexpr uint64_t kMemory = uint64_t{3} << 30;

class Memory : public ModelTest {
 protected:
  void SetUp() override {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "a sanitizer's shadow memory needs more address space than the limit";
#endif
  }
  /// One line of error with all of `parts` in it, exit code 1, and nothing eaten on the way.
  static void expect_refused(const Words& arguments, const Words& parts) {
    expect_refusal(arguments, 1, parts, {.memory_bytes = kMemory});
  }
};

TEST_F(Memory, AnAnswerThatDoesNotFitIsRefused) {
  const ModelCopy copy(model());
  copy.edit_json("config.json", [](auto& config) {
    config["max_position_embeddings"] = 1 << 24;
    config["sliding_window"] = nullptr;
  });
  const Words words{"ask", cat_picture(), "hi", "--model", copy.path(), "--threads", "1", "--max-tokens"};
  Words many = words;
  many.emplace_back("1048576");
  expect_refused(many, {"KV cache: expected 6.44 GB of memory", "--max-tokens"});
  Words few = words;
  few.emplace_back("4");
  EXPECT_EQ(run_fusion(few, {.memory_bytes = kMemory}).exit_code, 0) << "the limit itself is in the way";
}

TEST_F(Memory, AModelThatDoesNotFitIsRefused) {
  // The same model with wide layers; nearly all of its file is a hole.
  static constexpr int64_t kWidth = 1 << 20;
  const ModelCopy copy(model());
  copy.edit_json("config.json", [](auto& config) { config["intermediate_size"] = kWidth; });
  auto header = nlohmann::json::object();
  uint64_t end = 0;
  const std::string path = copy / "model.safetensors";
  const auto file = SafetensorsFile::open(path);
  for (const TensorView& tensor : file->tensors()) {
    std::vector<int64_t> shape = tensor.shape;
    if (tensor.name.ends_with("gate_up_proj.weight")) shape[0] = 2 * kWidth;
    if (tensor.name.ends_with("mlp.down_proj.weight")) shape[1] = kWidth;
    uint64_t bytes = sizeof(float);
    for (const int64_t size : shape) bytes *= static_cast<uint64_t>(size);
    header[tensor.name] = {{"dtype", "F32"}, {"shape", shape}, {"data_offsets", {end, end + bytes}}};
    end += bytes;
  }
  copy.remove("model.safetensors");
  copy.put("model.safetensors", file_with_header(header.dump(), 0));
  std::filesystem::resize_file(path, std::filesystem::file_size(path) + end);
  expect_refused({"ask", cat_picture(), "hi", "--model", copy.path(), "--threads", "1"},
                 {path + ": expected to map 96", "a limit of address space"});
}

}  // namespace
}  // namespace fusion
