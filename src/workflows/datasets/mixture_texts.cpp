#include "workflows/datasets/mixture_texts.h"

#include <algorithm>
#include <string_view>

#include "foundation/core/error.h"
#include "pipeline/preprocess/prompt.h"

namespace fusion {

namespace {

/// Without white space at its ends, which stands beside control tokens and would be learnt as one with it.
std::string trimmed(const std::string& text) {
  constexpr const char* kSpace = " \t\r\n";
  const size_t begin = text.find_first_not_of(kSpace);
  return begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

/// What is between control tokens, `<|...|>`, which are no text.
std::string without_control_tokens(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const size_t begin = std::min(text.find("<|"), text.size());
    result += text.substr(0, begin);
    const size_t end = text.find("|>", begin);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
  }
  return result;
}

void add_texts(const Record& record, std::vector<std::string>& texts) {
  for (const Turn& turn : turns_of_sample(record.messages, record.image.has_value())) {
    std::string text = turn.text;
    for (size_t at = text.find(kImageMark); at != std::string::npos; at = text.find(kImageMark, at)) {
      text.erase(at, kImageMark.size());
    }
    texts.push_back(trimmed(text));
  }
}

}  // namespace

std::vector<std::string> mixture_texts(const Mixture& mixture, const ConversationTemplate& format, int64_t limit) {
  const std::string system = trimmed(without_control_tokens(format.system));
  std::vector<std::string> texts;
  const int64_t taken = std::min(limit, mixture.size());
  for (int64_t i = 0; i < taken; ++i) {
    texts.push_back(system);
    try {
      add_texts(mixture.record(i * mixture.size() / taken), texts);
    } catch (const Error&) {
      // `fusion data check` is for finding them.
    }
  }
  return texts;
}

}  // namespace fusion
