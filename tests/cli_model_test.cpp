// fusion ask with checkpoint folders that are broken.

#include <cstring>
#include <filesystem>

#include "foundation/checkpoint/test_support.h"
#include "foundation/config/input_file.h"
#include "tests/cli_support.h"

namespace fusion {
namespace {

const std::string kPhiTokenizer = source_path("parity/goldens/tokenizers/phi_like");

class BrokenModel : public ModelTest {
 protected:
  static void expect_refused(const std::string& folder, const Words& parts) {
    expect_failure({"ask", cat_picture(), "What is it?", "--model", folder, "--device", "cpu"}, parts);
  }
  /// The spoilt copy of a good model.
  static void expect_refused(const ModelCopy& copy, const Words& parts) { expect_refused(copy.path(), parts); }
};

TEST_F(BrokenModel, FoldersWithoutAModel) {
  const ScratchFolder folder;
  expect_refused(folder / "none", {folder / "none", "nothing there"});
  expect_refused(folder.path(), {folder.path(), "an empty folder", "fusion init"});
  expect_refused(cat_picture(), {cat_picture(), "a file"});
  std::filesystem::create_directory_symlink(folder / "loop", folder / "loop");
  expect_refused(folder / "loop", {folder / "loop", "symbolic links"});
  expect_failure({"info", folder / "loop"}, {folder / "loop"});
  expect_failure({"info", folder / "none"}, {folder / "none", "nano"});
}

TEST_F(BrokenModel, ConfigThatIsNoConfig) {
  const ModelCopy copy(model());
  const auto spoil = [&](const std::function<void(nlohmann::json&)>& edit) {
    copy.put("config.json", read_text_file(model() + "/config.json", 1 << 20));
    copy.edit_json("config.json", edit);
  };
  copy.put("config.json", "{\"model_type\": \"fusion_phi\",");
  expect_refused(copy, {copy / "config.json", "line 1"});
  copy.put("config.json", "[1, 2]");
  expect_refused(copy, {copy / "config.json", "object"});
  copy.put("config.json", "");
  expect_refused(copy, {copy / "config.json"});

  spoil([](auto& config) { config["model_type"] = "llava_llama"; });
  expect_refused(copy, {copy / "config.json", "model_type", "fusion_phi or fusion_llama", "llava_llama"});
  spoil([](auto& config) { config.erase("hidden_size"); });
  expect_refused(copy, {copy / "config.json", "'hidden_size'"});
  spoil([](auto& config) { config["num_hidden_layers"] = "six"; });
  expect_refused(copy, {copy / "config.json", "'num_hidden_layers'", "integer"});
  spoil([](auto& config) { config["intermediate_size"] = int64_t{1} << 60; });
  expect_refused(copy, {copy / "config.json", "'intermediate_size'"});
  spoil([](auto& config) { config["num_attention_heads"] = 3; });
  expect_refused(copy, {copy / "config.json", "'num_key_value_heads'"});
}

TEST_F(BrokenModel, SizesThatTheWeightsDoNotHave) {
  const ModelCopy copy(model());
  copy.edit_json("config.json", [](auto& config) { config["intermediate_size"] = 1 << 24; });
  expect_refused(copy, {copy.path(), "mis-shaped", "gate_up_proj.weight"});
  copy.edit_json("config.json", [](auto& config) { config["intermediate_size"] = 385; });
  expect_refused(copy, {"mis-shaped", "model.layers.0.mlp.down_proj.weight [128, 384] instead of [128, 385]"});
}

TEST_F(BrokenModel, WeightsThatAreNoWholeFile) {
  const ModelCopy copy(model());
  const std::string path = copy / "model.safetensors";
  const std::string whole = read_text_file(path, 1 << 24);
  for (const size_t length : {size_t{0}, size_t{5}, size_t{100}, whole.size() / 2, whole.size() - 1}) {
    copy.put("model.safetensors", whole.substr(0, length));
    expect_refused(copy, {path, "expected", "got"});
  }
  std::string endless = whole;
  constexpr uint64_t kHeaderLength = uint64_t{1} << 60;
  std::memcpy(endless.data(), &kHeaderLength, sizeof kHeaderLength);
  copy.put("model.safetensors", endless);
  expect_refused(copy, {path, "1152921504606846976"});
  copy.put("model.safetensors", file_with_header(R"({"a":{"dtype":"F32","shape":[1152921504606846976],)"
                                                 R"("data_offsets":[0,4611686018427387904]}})",
                                                 64));
  expect_refused(copy, {path, "'a'"});
  copy.put("model.safetensors", file_with_header(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
                                                 R"("b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})",
                                                 12));
  expect_refused(copy, {path, "'b'", "overlap"});
  copy.remove("model.safetensors");
  expect_refused(copy, {copy.path(), "model.safetensors"});
  copy.put("pytorch_model.bin", "a pickle");
  expect_refused(copy, {copy.path(), "pickle"});
}

TEST_F(BrokenModel, EveryTensorThatIsWrongIsListed) {
  const ModelCopy copy(model());
  edit_tensors(copy.path(), [](std::vector<TensorSource>& tensors) {
    tensor_like(tensors, "layers.0.input_layernorm.weight").name = "model.layers.0.renamed.weight";
    tensor_like(tensors, "layers.3.mlp.down_proj.weight").shape = {384, 128};
    std::erase_if(tensors, [](const auto& tensor) { return tensor.name == "model.norm.weight"; });
  });
  expect_refused(
      copy, {copy.path(), "2 missing", "model.layers.0.input_layernorm.weight", "model.norm.weight", "1 unexpected",
             "model.layers.0.renamed.weight", "1 mis-shaped", "model.layers.3.mlp.down_proj.weight"});
}

TEST_F(BrokenModel, ShardsThatDoNotAgreeWithTheirIndex) {
  const ModelCopy copy(model());
  copy.remove("model.safetensors");
  copy.put("model.safetensors.index.json", R"({"weight_map": {"lm_head.weight": "model-00001-of-00001.safetensors"}})");
  expect_refused(copy, {"index.json", "no file model-00001-of-00001.safetensors", "finish the download"});
  copy.put("model.safetensors.index.json", R"({"weight_map": {"lm_head.weight": "../../secret.safetensors"}})");
  expect_refused(copy, {"index.json", "lm_head.weight", "plain name"});
}

TEST_F(BrokenModel, TokenizersThatAreNone) {
  const ModelCopy copy(model());
  copy.put("tokenizer.json", "{}");
  expect_refused(copy, {copy / "tokenizer.json"});
  copy.remove("tokenizer.json");
  expect_refused(copy, {copy.path(), "tokenizer.model or tokenizer.json", "got neither", "copy the tokenizer files"});
  copy.add_files_of(kPhiTokenizer);
  copy.put("tokenizer.model", "no sentencepiece model");
  expect_refused(copy, {copy / "tokenizer.model"});
}

TEST_F(BrokenModel, TokenizersOfAnotherModel) {
  const ModelCopy copy(model());
  copy.add_files_of(kPhiTokenizer);
  expect_refused(copy, {copy.path(), "a tokenizer of 272 tokens", "embedding table", "got 473"});
  // Fewer tokens than rows: ids without a word could be drawn.
  edit_tensors(copy.path(), [](std::vector<TensorSource>& tensors) {
    for (const char* name : {"embed_tokens", "lm_head"}) {
      TensorSource& table = tensor_like(tensors, name);
      table.shape[0] = 480;
      table.produce = [bytes = table.byte_count()](const ByteSink& sink) { sink(std::vector<std::byte>(bytes)); };
    }
  });
  expect_refused(copy, {copy.path(), "a tokenizer of 480 tokens", "got 473", "copy the tokenizer files"});
}

}  // namespace
}  // namespace fusion
