#include "pipeline/preprocess/prompt_text.h"

#include <algorithm>

#include "pipeline/preprocess/tokenizer_utf8.h"

namespace fusion {

namespace {

/// The first range that ends after `position`.
std::vector<TextRange>::const_iterator first_after(const std::vector<TextRange>& ranges, size_t position) {
  return std::ranges::upper_bound(ranges, position, {}, &TextRange::end);
}

}  // namespace

void PromptText::append_literal(std::string_view text) {
  if (text.empty()) return;
  const size_t begin = text_.size();
  text_ += text;
  if (!literal_.empty() && literal_.back().end == begin) {
    literal_.back().end = text_.size();
  } else {
    literal_.push_back({.begin = begin, .end = text_.size()});
  }
}

void PromptText::append_prompt(const PromptText& other) {
  size_t done = 0;
  for (const TextRange& range : other.literal_) {
    append(std::string_view(other.text_).substr(done, range.begin - done));
    append_literal(std::string_view(other.text_).substr(range.begin, range.end - range.begin));
    done = range.end;
  }
  append(std::string_view(other.text_).substr(done));
}

size_t PromptText::find_markup(std::string_view mark, size_t from) const {
  for (size_t at = text_.find(mark, from); at != std::string::npos; at = text_.find(mark, at + 1)) {
    const auto range = first_after(literal_, at);
    if (range == literal_.end() || range->begin >= at + mark.size()) return at;
  }
  return std::string::npos;
}

PromptText PromptText::slice(size_t begin, size_t end) const {
  PromptText part(std::string_view(text_).substr(begin, end - begin));
  for (auto range = first_after(literal_, begin); range != literal_.end() && range->begin < end; ++range) {
    part.literal_.push_back({.begin = std::max(range->begin, begin) - begin, .end = std::min(range->end, end) - begin});
  }
  return part;
}

std::vector<PromptText> PromptText::split(std::string_view mark) const {
  std::vector<PromptText> parts;
  size_t begin = 0;
  for (size_t at = find_markup(mark); at != std::string::npos; at = find_markup(mark, begin)) {
    parts.push_back(slice(begin, at));
    begin = at + mark.size();
  }
  parts.push_back(slice(begin, text_.size()));
  return parts;
}

PromptText PromptText::valid_utf8() const {
  PromptText valid;
  size_t done = 0;
  for (const TextRange& range : literal_) {
    valid.append(replace_broken_utf8(std::string_view(text_).substr(done, range.begin - done)));
    valid.append_literal(replace_broken_utf8(std::string_view(text_).substr(range.begin, range.end - range.begin)));
    done = range.end;
  }
  valid.append(replace_broken_utf8(std::string_view(text_).substr(done)));
  return valid;
}

}  // namespace fusion
