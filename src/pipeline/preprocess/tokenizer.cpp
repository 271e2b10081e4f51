#include "pipeline/preprocess/tokenizer.h"

#include <filesystem>
#include <utility>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "pipeline/preprocess/bpe_tokenizer.h"
#include "pipeline/preprocess/sentencepiece_tokenizer.h"
#include "pipeline/preprocess/tokenizer_cleanup.h"
#include "pipeline/preprocess/tokenizer_settings.h"

namespace fusion {

std::vector<int64_t> Tokenizer::encode(const PromptText& text, const EncodeOptions& options) const {
  return encode_valid(text.valid_utf8(), options);
}

std::string Tokenizer::decode(std::span<const int64_t> ids, bool skip_special) const {
  const auto words = plain_decoder(skip_special);
  std::string text;
  for (const int64_t id : ids) words->push(id, text);
  words->finish(text);
  return clean_up_ ? clean_up_spaces(std::move(text)) : text;
}

std::unique_ptr<TokenDecoder> Tokenizer::decoder(bool skip_special) const {
  auto words = plain_decoder(skip_special);
  return clean_up_ ? clean_up_decoder(std::move(words)) : std::move(words);
}

void check_token_id(int64_t id, int64_t vocab_size) {
  if (id >= 0 && id < vocab_size) return;
  throw Error({.who = "tokenizer",
               .expected = cat("ids from 0 to ", vocab_size - 1),
               .got = cat(id),
               .cause = "the embedding has more rows than the tokenizer has tokens, or a placeholder was decoded"});
}

std::unique_ptr<Tokenizer> load_tokenizer(const std::string& folder) {
  const bool has_model = std::filesystem::exists(folder + "/tokenizer.model");
  const bool has_json = std::filesystem::exists(folder + "/tokenizer.json");
  if (!has_model && !has_json) {
    throw Error({.who = folder,
                 .expected = "tokenizer.model or tokenizer.json",
                 .got = "neither",
                 .hint = "copy the tokenizer files of the checkpoint into the folder"});
  }
  if (!has_model) return load_bpe_tokenizer(folder);
  const bool json_only = has_json && read_tokenizer_settings(folder).tokenizer_class == "PreTrainedTokenizerFast";
  return json_only ? load_bpe_tokenizer(folder) : load_sentencepiece_tokenizer(folder);
}

}  // namespace fusion
