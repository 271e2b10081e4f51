#pragma once
// Text on its way to a tokenizer, with a note of which parts a person wrote.

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fusion {

/// Bytes [begin, end) of a text.
struct TextRange {
  size_t begin = 0;
  size_t end = 0;
};

/// Text in which some ranges are literal: inside them "<image>", "<|end|>" and the like are plain characters, never
/// placeholders and never added tokens. Text without such a name has the same ids whether it is literal or not.
///
///     PromptText prompt("<|user|>\n");
///     prompt.append_literal(question);   // may well contain "<|end|>"
///     prompt.append("<|end|>");
class PromptText {
 public:
  PromptText() = default;
  /// All of `text` is markup. Not explicit: a plain string is a prompt without literal parts.
  PromptText(std::string_view text) : text_(text) {}
  PromptText(const char* text) : text_(text) {}
  PromptText(std::string text) : text_(std::move(text)) {}

  void append(std::string_view markup) { text_ += markup; }
  void append_literal(std::string_view text);
  void append_prompt(const PromptText& other);

  const std::string& text() const { return text_; }
  /// Ascending, disjoint and not empty.
  const std::vector<TextRange>& literal() const { return literal_; }
  bool empty() const { return text_.empty(); }

  /// Where `mark` next begins at or after `from` without touching a literal byte; npos when nowhere.
  size_t find_markup(std::string_view mark, size_t from = 0) const;
  /// Bytes [begin, end) with their literal ranges.
  PromptText slice(size_t begin, size_t end) const;
  /// The pieces between the occurrences of `mark` as markup: as many as occurrences, and one.
  std::vector<PromptText> split(std::string_view mark) const;
  /// The same with every byte that is not UTF-8 replaced by U+FFFD, as Python's errors="replace" does.
  PromptText valid_utf8() const;

 private:
  std::string text_;
  std::vector<TextRange> literal_;
};

}  // namespace fusion
