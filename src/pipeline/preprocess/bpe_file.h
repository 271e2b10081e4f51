#pragma once
// tokenizer.json taken apart and checked, and its added tokens found in text.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/preprocess/added_tokens.h"
#include "pipeline/preprocess/bpe_model.h"
#include "pipeline/preprocess/pretokenizer.h"
#include "pipeline/preprocess/tokenizer_settings.h"
#include "pipeline/preprocess/tokenizer_vocabulary.h"

namespace fusion {

/// Everything that a byte-level BPE tokenizer is made of.
struct BpeParts {
  TokenizerVocabulary vocabulary;
  std::unique_ptr<BpeModel> model = {};
  std::unique_ptr<Pretokenizer> pretokenizer = {};
  std::vector<int64_t> prefix = {};     ///< before every text
  std::vector<int64_t> suffix = {};     ///< after every text
  std::vector<std::string> bytes = {};  ///< by id: what it decodes to
  std::vector<bool> is_special = {};    ///< by id

  std::vector<AddedToken> added_tokens(bool normalized) const;
};

/// Throws Error on a file that is malformed, or that asks for a step which is not supported.
BpeParts read_bpe_parts(std::string_view json, const std::string& who, const TokenizerSettings& settings);

/// Text between added tokens, or one of them.
struct TextFragment {
  size_t begin = 0;
  size_t end = 0;
  std::optional<int64_t> token = {};
};

/// Cuts text at added tokens by the rules of the `tokenizers` library (lstrip, rstrip, single_word).
class FastTokenCutter {
 public:
  explicit FastTokenCutter(std::vector<AddedToken> tokens) : tokens_(std::move(tokens)), matcher_(tokens_) {}

  std::vector<TextFragment> cut(const PromptText& text, size_t begin, size_t end) const;

 private:
  std::vector<AddedToken> tokens_;
  AddedTokenMatcher matcher_;
};

}  // namespace fusion
