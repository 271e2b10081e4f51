#include "pipeline/generation/answer_text.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "foundation/core/error.h"

namespace fusion {

namespace {

constexpr const char* kSpaces = " \t\n\v\f\r";

/// Bytes at the end of `text` that `stop` may begin with.
size_t overlap(std::string_view text, std::string_view stop) {
  for (size_t n = std::min(text.size(), stop.size() - 1); n > 0; --n) {
    if (text.ends_with(stop.substr(0, n))) return n;
  }
  return 0;
}

}  // namespace

AnswerText::AnswerText(const Tokenizer& tokenizer, std::vector<std::string> stop_texts)
    : words_(tokenizer), stop_texts_(std::move(stop_texts)) {
  if (std::ranges::any_of(stop_texts_, &std::string::empty)) {
    throw Error({.who = "stop", .expected = "some text that ends the answer", .got = "an empty one"});
  }
}

std::string AnswerText::push(int64_t id) {
  return take(words_.push(id), /*at_end=*/false);
}

std::string AnswerText::flush() {
  return take(words_.flush(), /*at_end=*/true);
}

std::string AnswerText::take(const std::string& decoded, bool at_end) {
  if (stopped_) return "";
  pending_ += decoded;
  size_t end = std::string::npos;
  size_t held = 0;
  for (const std::string& stop : stop_texts_) {
    end = std::min(end, pending_.find(stop));
    held = std::max(held, overlap(pending_, stop));
  }
  stopped_ = end != std::string::npos;
  if (!stopped_) end = at_end ? pending_.size() : pending_.size() - held;
  const std::string certain = pending_.substr(0, end);
  pending_.erase(0, end);
  return strip(certain);
}

std::string AnswerText::strip(const std::string& certain) {
  spaces_ += certain;
  const size_t last = spaces_.find_last_not_of(kSpaces);
  if (last == std::string::npos) return "";
  std::string shown = spaces_.substr(0, last + 1);
  spaces_.erase(0, last + 1);
  if (text_.empty()) shown.erase(0, shown.find_first_not_of(kSpaces));
  text_ += shown;
  return shown;
}

}  // namespace fusion
