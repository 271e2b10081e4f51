#include "workflows/synthesis/endpoints/text_checks.h"

#include "foundation/core/text.h"
#include "foundation/core/utf8.h"

namespace fusion {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

}  // namespace

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::string problem_of_text(std::string_view text, size_t max_bytes) {
  if (trimmed(text).empty()) return "an empty text";
  if (text.size() > max_bytes) return cat("a text of ", text.size(), " bytes, more than ", max_bytes);
  if (text.find("<image>") != std::string_view::npos) return "a text with <image> in it";
  while (!text.empty()) {
    const Utf8Step step = utf8_front(text);
    if (step.kind != Utf8Step::Kind::kCharacter) return "a text that is no UTF-8";
    const bool control = step.code < ' ' && step.code != '\n' && step.code != '\t';
    if (control || step.code == 0x7f) return "a text with control characters";
    text.remove_prefix(step.length);
  }
  return "";
}

}  // namespace fusion
