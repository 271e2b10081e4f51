// A tokenizer.json, a zero byte, and a text: loading may refuse, nothing may crash, and decoding takes what encoding
// gave. The first byte chooses what is literal.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "foundation/core/error.h"
#include "pipeline/preprocess/bpe_tokenizer.h"
#include "pipeline/preprocess/streaming_detokenizer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const size_t border = input.find('\0');
  const std::string_view text = border == std::string_view::npos ? input : input.substr(border + 1);
  fusion::PromptText prompt(text.substr(0, text.size() * (data[0] % 4) / 3));
  prompt.append_literal(text.substr(prompt.text().size()));
  try {
    fusion::TokenizerSettings settings;
    settings.clean_up_spaces = data[0] % 8 > 3;
    const auto tokenizer = fusion::parse_bpe_tokenizer(input.substr(0, border), "tokenizer.json", settings);
    const std::vector<int64_t> ids = tokenizer->encode(prompt);
    fusion::StreamingDetokenizer words(*tokenizer, /*skip_special=*/false);
    std::string streamed;
    for (const int64_t id : ids) streamed += words.push(id);
    streamed += words.flush();
    if (streamed != tokenizer->decode(ids, /*skip_special=*/false)) std::abort();
  } catch (const fusion::Error&) {
    return 0;
  }
  return 0;
}
