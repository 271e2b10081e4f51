#pragma once
// A tokenizer made for a language of one's own: pieces learnt from texts, control tokens as Phi-3.5's files have them.

#include <cstdint>
#include <span>
#include <string>

#include "workflows/assembly/tokenizer_files.h"

namespace fusion {

struct TokenizerTraining {
  int64_t vocab_size = 1000;  ///< of all tokens, control tokens included
  /// Capital letters are tokens of their own: what stands on signs is then read letter by letter, whether it is a word
  /// or not.
  bool single_capitals = false;
};

/// tokenizer.model (SentencePiece BPE with bytes for what is unknown), tokenizer_config.json and
/// special_tokens_map.json of a fusion_phi checkpoint, for load_tokenizer and transformers. The same texts give the
/// same files.
///
/// Throws Error where there are no texts, and where they do not have so many pieces in them.
FileTexts train_tokenizer(std::span<const std::string> texts, const TokenizerTraining& options);

}  // namespace fusion
