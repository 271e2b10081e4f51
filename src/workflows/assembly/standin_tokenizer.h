#pragma once
// A tokenizer for models without one: every byte is a token.

#include <cstdint>
#include <string>

#include "workflows/assembly/tokenizer_files.h"

namespace fusion {

/// tokenizer.json, tokenizer_config.json and special_tokens_map.json for load_tokenizer (and transformers) to read: 256
/// byte tokens, no merges, and the control tokens of the family where the published
/// tokenizers have them, counted from the end of the vocabulary:
/// - fusion_phi: `<unk>` 0, `<s>` 1, `</s>` 2, bytes from 3; the last 13 ids are `<|endoftext|>` (32000 of 32013),
///   `<|assistant|>` (+1), `<|system|>` (+6), `<|end|>` (+7), `<|user|>` (+10), `<vision_start>`, `<vision_end>`;
/// - fusion_llama: bytes from 0, so that id 0 is "!"; the last 258 ids begin with `<|begin_of_text|>` (128000 of
///   128258), which stands before every text, and end with `<vision_start>`, `<vision_end>`.
/// Every other id has a name of its own, `<|unused_N|>`, that no text encodes to.
///
/// Throws Error on another `model_type`, and on a vocabulary too small for bytes and control tokens.
FileTexts standin_tokenizer(const std::string& model_type, int64_t vocab_size);

}  // namespace fusion
