#pragma once
// Byte-level BPE as the `tokenizers` library runs a tokenizer.json (LLaMA-3).

#include <memory>
#include <string>
#include <string_view>

#include "pipeline/preprocess/tokenizer.h"
#include "pipeline/preprocess/tokenizer_settings.h"

namespace fusion {

/// Loads `tokenizer.json` of the folder with the files around it. Throws Error as load_tokenizer does.
std::unique_ptr<Tokenizer> load_bpe_tokenizer(const std::string& folder);

/// The same from the text of a tokenizer.json; `who` names it in errors.
std::unique_ptr<Tokenizer> parse_bpe_tokenizer(std::string_view json, const std::string& who,
                                               const TokenizerSettings& settings);

}  // namespace fusion
