#pragma once
// What the tests of the program share: a small model, pictures, and what a refusal has to look like.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/checkpoint/safetensors_writer.h"
#include "foundation/config/test_support.h"
#include "tests/program.h"

namespace fusion {

/// A refusal may cost at most this much memory, libtorch's own 110 to 200 MB included.
inline constexpr int64_t kRefusalBytes = int64_t{400} << 20;

using Words = std::vector<std::string>;

/// Paths of files that come with the source.
std::string source_path(std::string_view relative);
std::string fixture_picture(std::string_view name);
inline std::string cat_picture() {
  return source_path("examples/cat.jpg");
}

/// Expects exit code `code` and on stderr one line that begins "fusion: error: " and holds all of `parts`; nothing on
/// stdout; in time and within kRefusalBytes.
void expect_refusal(const Words& arguments, int code, const Words& parts, const ProgramOptions& options = {});
/// The work could not be done.
void expect_failure(const Words& arguments, const Words& parts);
/// The command line is wrong.
void expect_usage_error(const Words& arguments, const Words& parts);

/// Expects exit code 0 and nothing on stderr; gives what was printed.
std::string output_of(const Words& arguments);
nlohmann::json json_of(const Words& arguments);

/// The smallest model that `fusion init` makes, in a folder of its own, made once for the tests of a suite. Its greedy
/// answers end at their limit only.
class ModelTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite();
  static void TearDownTestSuite();

  static const std::string& model() { return *model_; }
  /// The words of an `ask` about the cat with that model: a short answer on one thread, unless `more` says otherwise,
  /// because tests run side by side.
  static Words ask(const std::string& question, const Words& more = {});
  static Words ask_about(const std::string& picture, const std::string& question, const Words& more = {});

 private:
  static std::unique_ptr<ScratchFolder> folder_;
  static std::unique_ptr<std::string> model_;
};

/// A copy of a model's folder that may be spoilt.
class ModelCopy {
 public:
  explicit ModelCopy(const std::string& folder);

  const std::string& path() const { return folder_.path(); }
  std::string operator/(std::string_view name) const { return folder_ / name; }
  void put(std::string_view name, std::string_view content) const { folder_.put(name, content); }
  void remove(std::string_view name) const;
  /// Copies the files of another folder over those of the same names.
  void add_files_of(const std::string& folder) const;
  /// Applies `edit` to a JSON file of the folder.
  void edit_json(std::string_view name, const std::function<void(nlohmann::json&)>& edit) const;

 private:
  ScratchFolder folder_;
};

/// Applies `edit` to the list of tensors of a folder's model.safetensors and writes it anew.
void edit_tensors(const std::string& folder, const std::function<void(std::vector<TensorSource>&)>& edit);
/// The first tensor with that in its name. Throws Error when there is none.
TensorSource& tensor_like(std::vector<TensorSource>& tensors, std::string_view part);
/// Applies `edit` to the values of a float32 tensor.
void edit_values(TensorSource& tensor, const std::function<void(std::span<float>)>& edit);

}  // namespace fusion
