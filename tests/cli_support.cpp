#include "tests/cli_support.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <utility>

#include "foundation/checkpoint/safetensors.h"
#include "foundation/config/input_file.h"

namespace fusion {

namespace fs = std::filesystem;

namespace {

/// Makes the control tokens, which stand behind the bytes, unlikely: an untrained model may end after any word.
void silence_end_tokens(TensorSource& head) {
  constexpr int64_t kFirstControlToken = 259;
  const int64_t width = head.shape.back();
  edit_values(head, [&](std::span<float> values) {
    const auto rows = values.subspan(static_cast<size_t>(kFirstControlToken * width));
    std::fill(rows.begin(), rows.end(), 0.0F);
  });
}

}  // namespace

std::string source_path(std::string_view relative) {
  return (fs::path(FUSION_SOURCE_DIR) / relative).string();
}

std::string fixture_picture(std::string_view name) {
  return (fs::path(FUSION_SOURCE_DIR) / "tests/data/pictures" / name).string();
}

void expect_refusal(const Words& arguments, int code, const Words& parts, const ProgramOptions& options) {
  const ProgramResult result = run_fusion(arguments, options);
  const auto shown = ::testing::PrintToString(arguments).substr(0, 400) + "\n" + result.err;
  EXPECT_FALSE(result.killed) << "took too long: " << shown;
  EXPECT_EQ(result.signal, 0) << shown;
  EXPECT_EQ(result.exit_code, code) << shown;
  EXPECT_EQ(result.out, "") << shown;
  EXPECT_TRUE(result.err.starts_with("fusion: error: ")) << shown;
  EXPECT_EQ(result.err.find('\n'), result.err.size() - 1) << "one line: " << shown;
  for (const std::string& part : parts) EXPECT_THAT(result.err, ::testing::HasSubstr(part));
  EXPECT_LT(result.peak_bytes, kRefusalBytes) << shown;
}

void expect_failure(const Words& arguments, const Words& parts) {
  expect_refusal(arguments, 1, parts);
}

void expect_usage_error(const Words& arguments, const Words& parts) {
  expect_refusal(arguments, 2, parts);
}

std::string output_of(const Words& arguments) {
  const ProgramResult result = run_fusion(arguments);
  EXPECT_EQ(result.exit_code, 0) << ::testing::PrintToString(arguments) << "\n" << result.err;
  EXPECT_EQ(result.err, "") << ::testing::PrintToString(arguments);
  return result.out;
}

nlohmann::json json_of(const Words& arguments) {
  const std::string text = output_of(arguments);
  nlohmann::json value = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  EXPECT_FALSE(value.is_discarded()) << text;
  return value;
}

std::unique_ptr<ScratchFolder> ModelTest::folder_;
std::unique_ptr<std::string> ModelTest::model_;

void ModelTest::SetUpTestSuite() {
  folder_ = std::make_unique<ScratchFolder>();
  model_ = std::make_unique<std::string>(*folder_ / "nano");
  output_of({"init", "nano", *model_, "--seed", "7"});
  edit_tensors(*model_,
               [](std::vector<TensorSource>& tensors) { silence_end_tokens(tensor_like(tensors, "lm_head")); });
}

void ModelTest::TearDownTestSuite() {
  model_.reset();
  folder_.reset();
}

Words ModelTest::ask(const std::string& question, const Words& more) {
  return ask_about(cat_picture(), question, more);
}

Words ModelTest::ask_about(const std::string& picture, const std::string& question, const Words& more) {
  Words words{"ask", picture, question, "--model", model(), "--device", "cpu", "--quiet"};
  for (const auto& [flag, value] : {std::pair("--max-tokens", "4"), {"--detail", "4"}, {"--threads", "1"}}) {
    if (std::find(more.begin(), more.end(), flag) == more.end()) words.insert(words.end(), {flag, value});
  }
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

ModelCopy::ModelCopy(const std::string& folder) {
  add_files_of(folder);
}

void ModelCopy::add_files_of(const std::string& folder) const {
  fs::copy(folder, folder_.path(), fs::copy_options::recursive | fs::copy_options::overwrite_existing);
}

void ModelCopy::remove(std::string_view name) const {
  EXPECT_TRUE(fs::remove(folder_ / name)) << name;
}

void ModelCopy::edit_json(std::string_view name, const std::function<void(nlohmann::json&)>& edit) const {
  nlohmann::json value = nlohmann::json::parse(read_text_file(folder_ / name, 1 << 24));
  edit(value);
  folder_.put(name, value.dump(1));
}

TensorSource& tensor_like(std::vector<TensorSource>& tensors, std::string_view part) {
  const auto fits = [&](const TensorSource& tensor) { return tensor.name.find(part) != std::string::npos; };
  const auto found = std::find_if(tensors.begin(), tensors.end(), fits);
  if (found == tensors.end()) throw Error({.who = "the test", .expected = std::string(part), .got = "no such tensor"});
  return *found;
}

void edit_values(TensorSource& tensor, const std::function<void(std::span<float>)>& edit) {
  std::vector<float> values;
  tensor.produce([&](std::span<const std::byte> bytes) {
    const size_t before = values.size();
    values.resize(before + bytes.size() / sizeof(float));
    std::memcpy(values.data() + before, bytes.data(), bytes.size());
  });
  edit(values);
  tensor.produce = [values](const ByteSink& sink) { sink(std::as_bytes(std::span(values))); };
}

void edit_tensors(const std::string& folder, const std::function<void(std::vector<TensorSource>&)>& edit) {
  const std::string path = (fs::path(folder) / "model.safetensors").string();
  const auto file = SafetensorsFile::open(path);
  std::vector<TensorSource> tensors;
  for (const TensorView& tensor : file->tensors()) tensors.push_back(source_of(tensor));
  edit(tensors);
  write_safetensors(path, tensors, file->metadata());
}

}  // namespace fusion
