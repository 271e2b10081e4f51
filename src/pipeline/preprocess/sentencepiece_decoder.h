#pragma once
// The decoding of transformers' slow LlamaTokenizer, in the form of a stream.

#include <memory>
#include <string>
#include <vector>

#include "pipeline/preprocess/sentencepiece_model.h"
#include "pipeline/preprocess/tokenizer.h"
#include "pipeline/preprocess/tokenizer_vocabulary.h"

namespace fusion {

/// How one id is decoded.
struct SlowTokenRole {
  bool special = false;       ///< in the special map: left out by skip_special, else written as it is
  bool stands_alone = false;  ///< an added token that is joined to its neighbours by a space
};

/// What decoding needs to know of a slow tokenizer.
struct SlowTokens {
  SentencePieceModel model;
  TokenizerVocabulary vocabulary;
  std::vector<SlowTokenRole> roles;  ///< by id
  bool legacy = false;
  bool add_prefix_space = true;
};

/// `tokens` must outlive the decoder.
class SlowDecoder final : public TokenDecoder {
 public:
  SlowDecoder(const SlowTokens& tokens, bool skip_special);

  void push(int64_t id, std::string& out) override;
  void finish(std::string& out) override;

 private:
  void push_special(const std::string& name, std::string& out);
  void push_piece(int64_t id, std::string_view piece, std::string& out);
  void end_group(std::string& out);
  void write(std::string_view text, std::string& out);

  const SlowTokens& tokens_;
  bool skip_special_;
  /// Note [A space before words already said]: with `legacy` the reference writes a space in front of the words that
  /// precede a special token, so they wait until that token comes or the text ends.
  bool hold_words_;
  PieceStream pieces_;
  std::string held_;
  size_t group_tokens_ = 0;  // tokens since the last one that stands alone
  bool group_has_text_ = false;
  bool after_group_ = false;  // something was written before this group
  bool after_special_ = false;
};

}  // namespace fusion
