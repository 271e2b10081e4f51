#include "pipeline/preprocess/tokenizer_cleanup.h"

#include <array>
#include <string_view>
#include <utility>

namespace fusion {

namespace {

/// Each text and how many bytes in front, and behind, it loses.
struct Rule {
  std::string_view text;
  size_t behind;
};
constexpr std::array<Rule, 10> kRules = {{{" .", 0},
                                          {" ?", 0},
                                          {" !", 0},
                                          {" ,", 0},
                                          {" ' ", 1},
                                          {" n't", 0},
                                          {" 'm", 0},
                                          {" 's", 0},
                                          {" 've", 0},
                                          {" 're", 0}}};

/// The characters that stand in a rule before its last one: no rule reaches across any other.
constexpr std::string_view kOpen = " 'nvr";

class CleanUpDecoder final : public TokenDecoder {
 public:
  explicit CleanUpDecoder(std::unique_ptr<TokenDecoder> inner) : inner_(std::move(inner)) {}

  void push(int64_t id, std::string& out) override {
    inner_->push(id, held_);
    // Every rule begins with a space, so only a space among the open characters at the end has to wait.
    const size_t settled = held_.find_last_not_of(kOpen);
    const size_t cut = held_.find(' ', settled == std::string::npos ? 0 : settled + 1);
    std::string rest = cut == std::string::npos ? std::string() : held_.substr(cut);
    held_.resize(held_.size() - rest.size());
    out += clean_up_spaces(std::exchange(held_, std::move(rest)));
  }

  void finish(std::string& out) override {
    inner_->finish(held_);
    out += clean_up_spaces(std::exchange(held_, {}));
  }

 private:
  std::unique_ptr<TokenDecoder> inner_;
  std::string held_;
};

}  // namespace

std::string clean_up_spaces(std::string text) {
  for (const Rule& rule : kRules) {
    std::string cleaned;
    size_t done = 0;
    for (size_t at = text.find(rule.text); at != std::string::npos; at = text.find(rule.text, done)) {
      cleaned.append(text, done, at - done);
      cleaned += rule.text.substr(1, rule.text.size() - 1 - rule.behind);
      done = at + rule.text.size();
    }
    if (done == 0) continue;
    cleaned.append(text, done);
    text = std::move(cleaned);
  }
  return text;
}

std::unique_ptr<TokenDecoder> clean_up_decoder(std::unique_ptr<TokenDecoder> inner) {
  return std::make_unique<CleanUpDecoder>(std::move(inner));
}

}  // namespace fusion
