#pragma once
// Words to ids and back, as the tokenizer files of a published checkpoint define them.
//
// Note [Two families]
// Phi-3.5 and LLaMA-2 checkpoints carry a SentencePiece `tokenizer.model`, and FUSION loads it through transformers'
// slow LlamaTokenizer; LLaMA-3 checkpoints carry a byte-level BPE `tokenizer.json`. Ids and decoded text here equal
// those of transformers 4.48.1 (use_fast=False) with tokenizers 0.21 on the same folder, quirks included.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/preprocess/prompt_text.h"

namespace fusion {

/// What encode() adds around the text.
struct EncodeOptions {
  /// The tokens that the files put at the start and end of every text: nothing for Phi-3.5, `<|begin_of_text|>` for
  /// LLaMA-3.
  bool add_bos = true;
};

/// Turns ids into text one at a time; decode() is the same rules at once.
class TokenDecoder {
 public:
  virtual ~TokenDecoder() = default;
  /// Appends what the id makes certain to `out`: whole UTF-8 characters only. Throws Error on an id that the tokenizer
  /// does not have.
  virtual void push(int64_t id, std::string& out) = 0;
  /// Appends what was held back; bytes that never became a character are written as U+FFFD. Ends the text.
  virtual void finish(std::string& out) = 0;
};

/// Ids of the tokens with a role, where the files name one.
struct SpecialIds {
  std::optional<int64_t> bos = {};
  std::optional<int64_t> eos = {};
  std::optional<int64_t> pad = {};
  std::optional<int64_t> unk = {};
};

/// A loaded tokenizer. Immutable: one object serves any number of threads.
class Tokenizer {
 public:
  virtual ~Tokenizer() = default;

  /// Ids of the text. Bytes that are not UTF-8 count as U+FFFD. Linear in the length but for a factor log n.
  std::vector<int64_t> encode(const PromptText& text, const EncodeOptions& options = {}) const;

  /// Text of the ids, always valid UTF-8. `skip_special` leaves out what transformers' skip_special_tokens does: for
  /// SentencePiece folders only tokens with a role in the special map (`<|end|>` of Phi stays), else every special one.
  std::string decode(std::span<const int64_t> ids, bool skip_special = true) const;
  std::unique_ptr<TokenDecoder> decoder(bool skip_special = true) const;

  /// The bytes of one token by itself; a part of a UTF-8 character where the token is one.
  virtual std::string token_bytes(int64_t id) const = 0;
  /// The token whose name in the vocabulary is `name` ("<|end|>", "▁the", "Ġthe").
  virtual std::optional<int64_t> token_id(std::string_view name) const = 0;
  /// Number of ids, added tokens included: Python's len(tokenizer). Ids are 0 .. vocab_size() - 1.
  int64_t vocab_size() const { return vocab_size_; }
  const SpecialIds& special() const { return special_; }
  /// transformers' `legacy` flag of a SentencePiece folder; byte-level BPE has none.
  virtual bool legacy() const { return false; }
  /// "SentencePiece" or "byte-level BPE", for people.
  virtual std::string kind() const = 0;

 protected:
  /// `clean_up` is transformers' clean_up_tokenization_spaces.
  Tokenizer(int64_t vocab_size, const SpecialIds& special, bool clean_up)
      : vocab_size_(vocab_size), special_(special), clean_up_(clean_up) {}
  /// `text` is valid UTF-8.
  virtual std::vector<int64_t> encode_valid(const PromptText& text, const EncodeOptions& options) const = 0;
  /// Decoding before the clean-up.
  virtual std::unique_ptr<TokenDecoder> plain_decoder(bool skip_special) const = 0;

 private:
  int64_t vocab_size_ = 0;
  SpecialIds special_;
  bool clean_up_ = false;
};

/// Throws Error unless 0 <= id < vocab_size.
void check_token_id(int64_t id, int64_t vocab_size);

/// The tokenizer of a published checkpoint folder. `tokenizer.model` (with added_tokens.json, special_tokens_map.json)
/// wins over `tokenizer.json`, because FUSION loads with use_fast=False, unless tokenizer_config.json names the class
/// PreTrainedTokenizerFast. Throws Error on a folder without either, on anything malformed, and on a feature that is
/// not supported (it is named).
std::unique_ptr<Tokenizer> load_tokenizer(const std::string& folder);

}  // namespace fusion
