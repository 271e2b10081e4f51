#pragma once
// The files that make up a tokenizer, as texts.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/preprocess/tokenizer.h"

namespace fusion {

/// Contents by file name.
using FileTexts = std::map<std::string, std::string>;

/// Names that a tokenizer's files may have: those of load_tokenizer, and those that only transformers reads.
std::vector<std::string> tokenizer_file_names();

/// The tokenizer files of a folder; those that are not there are left out.
FileTexts read_tokenizer_files(const std::string& folder);

/// Adds those of `tokens` that `tokenizer`, the one of `files`, does not have, in their order from id vocab_size() on,
/// as special tokens: what transformers' add_tokens(tokens, special_tokens=True) and save_pretrained leave in the
/// files. A tokenizer of a slow class (tokenizer.model, or vocab.json with merges.txt) lists them as additional special
/// tokens too. Files of JSON are written anew with their keys in alphabetical order.
/// \return  the tokens that are new
/// Throws Error on a malformed file.
std::vector<std::string> add_special_tokens(FileTexts& files, const Tokenizer& tokenizer,
                                            const std::vector<std::string>& tokens);

/// Sets `model_max_length` and right padding in tokenizer_config.json, as the reference loads its tokenizers, and a
/// class for AutoTokenizer where none is named.
void set_tokenizer_limits(FileTexts& files, int64_t max_length);

}  // namespace fusion
