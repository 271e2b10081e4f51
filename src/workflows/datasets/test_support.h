#pragma once
// For tests only: a small data set on disk, with the tokenizer of a golden.

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "foundation/config/json_file.h"
#include "foundation/config/test_support.h"
#include "foundation/core/text.h"
#include "workflows/datasets/sample.h"

namespace fusion {

inline const std::string kGoldens = std::string(FUSION_SOURCE_DIR) + "/parity/goldens";

/// Records in a .jsonl file, and "cat.png" beside it.
class TestSet {
 public:
  explicit TestSet(const std::string& lines, std::string tokenizer = "phi_like", std::string format = "phi_3")
      : tokenizer_(load_tokenizer(kGoldens + "/tokenizers/" + tokenizer)), format_(find_template(format)) {
    std::filesystem::copy_file(kGoldens + "/n_conversation/picture.png", folder_ / "cat.png");
    path_ = folder_.put("set.jsonl", lines);
  }

  std::shared_ptr<const SampleReader> reader(int64_t max_length = 512) const {
    const SampleOptions options{
        .tile_size = 8, .mean = {0.5F, 0.5F, 0.5F}, .std = {0.5F, 0.5F, 0.5F}, .max_length = max_length};
    return std::make_shared<const SampleReader>(Mixture::open(path_, {}), *tokenizer_, format_, options);
  }
  const Tokenizer& tokenizer() const { return *tokenizer_; }
  const ScratchFolder& folder() const { return folder_; }
  const std::string& path() const { return path_; }

 private:
  ScratchFolder folder_;
  std::unique_ptr<Tokenizer> tokenizer_;
  const ConversationTemplate& format_;
  std::string path_;
};

/// A line with a question, its answer and, where `image` is not empty, a picture.
inline std::string record_line(const std::string& id, const std::string& image = "",
                               const std::string& question = "What colour is the bird?") {
  const nlohmann::json messages = {{{"from", "human"}, {"value", (image.empty() ? "" : "<image>\n") + question}},
                                   {{"from", "gpt"}, {"value", "It is blue."}}};
  nlohmann::json record = {{"id", id}, {"conversations", messages}};
  if (!image.empty()) record["image"] = image;
  return record.dump() + "\n";
}

}  // namespace fusion
