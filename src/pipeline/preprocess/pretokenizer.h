#pragma once
// The `pre_tokenizer` of a tokenizer.json: text into pieces that are merged apart from each other.

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/preprocess/pretokenizer_regex.h"
#include "pipeline/preprocess/prompt_text.h"

namespace fusion {

/// Splits in the order of the file: Split (Regex or String; Isolated or Removed), Digits, and last ByteLevel with its
/// own expression or without. Anything else is an Error.
class Pretokenizer {
 public:
  Pretokenizer(const nlohmann::json& value, const std::string& who);

  /// Working memory for many texts; one a thread.
  class Splitter {
   public:
    explicit Splitter(const Pretokenizer& pretokenizer);
    /// The pieces of valid UTF-8 in order; valid until the next call.
    const std::vector<TextRange>& split(std::string_view text);

   private:
    const Pretokenizer& pretokenizer_;
    std::vector<Regex::Searcher> searchers_;
    std::vector<TextRange> pieces_;
    std::vector<TextRange> next_;
  };

 private:
  struct Step {
    Regex regex;
    bool keep_matches = true;
    bool keep_gaps = true;
  };

  void add(const nlohmann::json& value, const std::string& who);
  void add_split(const nlohmann::json& value, const std::string& who);
  void add_byte_level(const nlohmann::json& value, const std::string& who);

  std::vector<Step> steps_;
  bool byte_level_ = false;
};

}  // namespace fusion
