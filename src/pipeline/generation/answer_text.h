#pragma once
// An answer's tokens as the text that a user sees.

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/preprocess/streaming_detokenizer.h"

namespace fusion {

/// Turns tokens into text as they come: white space around the whole answer is dropped (the published tools strip
/// answers), and the answer ends before the first of the stop texts. What may be the beginning of one, or white space
/// at the end, is held back until it is certain; nothing handed out is ever taken back.
class AnswerText {
 public:
  /// The tokenizer must outlive the object. Throws Error on an empty stop text.
  AnswerText(const Tokenizer& tokenizer, std::vector<std::string> stop_texts);

  /// The text that became certain with this token; often empty, and always once a stop text was found.
  std::string push(int64_t id);
  /// What was held back.
  std::string flush();

  /// Whether the answer came to a stop text.
  bool stopped() const { return stopped_; }
  /// All that was handed out.
  const std::string& text() const { return text_; }

 private:
  std::string take(const std::string& decoded, bool at_end);
  std::string strip(const std::string& certain);

  StreamingDetokenizer words_;
  std::vector<std::string> stop_texts_;
  std::string pending_;  // may yet be part of a stop text
  std::string spaces_;   // may yet be the end of the answer
  std::string text_;
  bool stopped_ = false;
};

}  // namespace fusion
