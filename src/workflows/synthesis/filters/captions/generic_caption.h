#pragma once

#include <set>
#include <tuple>

#include "foundation/config/fields.h"
#include "workflows/synthesis/filters/filter.h"

namespace fusion {

struct GenericCaptionOptions {
  bool enabled = true;
  int64_t min_content_words = 2;

  static constexpr auto fields() {
    using Self = GenericCaptionOptions;
    return std::tuple(
        defaulted("enabled", &Self::enabled, "whether it is asked"),
        defaulted("min_content_words", &Self::min_content_words, "different words that name what is seen, at least"));
  }
  void check(std::string_view section) const {
    require_option<int64_t>(section, "min_content_words", min_content_words, 0, 1000);
  }
};

/// "A beautiful picture of something": too few words that are neither function words nor say nothing of what is seen.
/// Remembers nothing.
class GenericCaption final : public CaptionFilter {
 public:
  explicit GenericCaption(const GenericCaptionOptions& options) : options_(options) {}

  Verdict check(const CaptionFacts& caption) const override {
    std::set<std::string_view> content;
    for (const std::string& word : caption.words) {
      if (!is_function_word(word) && !is_generic_word(word)) content.insert(word);
    }
    if (static_cast<int64_t>(content.size()) >= options_.min_content_words) return std::nullopt;
    return cat(content.size(), " words say what is seen, at least ", options_.min_content_words, " are asked for");
  }

 private:
  GenericCaptionOptions options_;
};

}  // namespace fusion
