#pragma once
// Text as it grows, token by token.

#include <cstdint>
#include <memory>
#include <string>

#include "pipeline/preprocess/tokenizer.h"

namespace fusion {

/// Prints an answer while it is generated. What push() returned, put together with flush(), is tokenizer.decode(ids):
/// no half UTF-8 character is ever handed out, and nothing handed out is ever taken back.
///
///     StreamingDetokenizer words(tokenizer);
///     for (int64_t id : answer) out << words.push(id) << std::flush;
///     out << words.flush();
class StreamingDetokenizer {
 public:
  /// The tokenizer must outlive the object.
  explicit StreamingDetokenizer(const Tokenizer& tokenizer, bool skip_special = true);

  /// The text that became certain with this id; often empty. Throws Error on an id that the tokenizer does not have.
  std::string push(int64_t id);
  /// What was held back. The next push() starts a new text.
  std::string flush();

 private:
  const Tokenizer& tokenizer_;
  bool skip_special_;
  std::unique_ptr<TokenDecoder> decoder_;
};

}  // namespace fusion
