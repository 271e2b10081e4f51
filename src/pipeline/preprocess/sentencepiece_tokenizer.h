#pragma once
// SentencePiece as transformers' slow LlamaTokenizer uses it (Phi-3.5, LLaMA-2).

#include <memory>
#include <string>

#include "pipeline/preprocess/tokenizer.h"

namespace fusion {

/// Loads `tokenizer.model` of the folder with the files around it. Throws Error as load_tokenizer does.
///
/// Text is cut at the added tokens first, each piece goes through the sentencepiece library. Without `legacy` a text
/// starts with one "▁", which stays alone before an added token that has no role in the special map (`<|system|>`) and
/// goes before one that has (`<vision_start>`).
std::unique_ptr<Tokenizer> load_sentencepiece_tokenizer(const std::string& folder);

}  // namespace fusion
