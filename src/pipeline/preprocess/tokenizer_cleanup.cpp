#include "pipeline/preprocess/tokenizer_cleanup.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "pipeline/preprocess/tokenizer_utf8.h"

namespace fusion {

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kRules = {{{" .", "."},
                                                                                   {" ?", "?"},
                                                                                   {" !", "!"},
                                                                                   {" ,", ","},
                                                                                   {" ' ", "'"},
                                                                                   {" n't", "n't"},
                                                                                   {" 'm", "'m"},
                                                                                   {" 's", "'s"},
                                                                                   {" 've", "'ve"},
                                                                                   {" 're", "'re"}}};

/// The characters that stand in a rule before its last one: no rule reaches across any other.
constexpr std::string_view kOpen = " 'nvr";

class CleanUpDecoder final : public TokenDecoder {
 public:
  explicit CleanUpDecoder(std::unique_ptr<TokenDecoder> inner) : inner_(std::move(inner)) {}

  void push(int64_t id, std::string& out) override {
    inner_->push(id, held_);
    // Every rule begins with a space, so only a space among the open characters at the end has to wait; of a long run
    // of spaces the rules reach the last two, and one before it can have lost its first.
    const size_t settled = held_.find_last_not_of(kOpen);
    size_t cut = held_.find(' ', settled == std::string::npos ? 0 : settled + 1);
    if (const size_t run = held_.rfind("    "); run != std::string::npos) cut = std::max(cut, run + 1);
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
  for (const auto& [from, to] : kRules) text = replace_all(text, from, to);
  return text;
}

std::unique_ptr<TokenDecoder> clean_up_decoder(std::unique_ptr<TokenDecoder> inner) {
  return std::make_unique<CleanUpDecoder>(std::move(inner));
}

}  // namespace fusion
