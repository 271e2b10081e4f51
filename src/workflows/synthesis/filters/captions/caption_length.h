#pragma once

#include <tuple>

#include "foundation/config/fields.h"
#include "workflows/synthesis/filters/filter.h"

namespace fusion {

struct CaptionLengthOptions {
  bool enabled = true;
  int64_t min_words = 3;
  int64_t max_words = 300;

  static constexpr auto fields() {
    using Self = CaptionLengthOptions;
    return std::tuple(defaulted("enabled", &Self::enabled, "whether it is asked"),
                      defaulted("min_words", &Self::min_words, "a caption with fewer is dropped"),
                      defaulted("max_words", &Self::max_words, "a caption with more is dropped"));
  }
  void check(std::string_view section) const {
    require_option<int64_t>(section, "min_words", min_words, 0, 1'000'000);
    require_option<int64_t>(section, "max_words", max_words, min_words, 1'000'000);
  }
};

/// Captions of a word or two, and whole pages. Remembers nothing.
class CaptionLength final : public CaptionFilter {
 public:
  explicit CaptionLength(const CaptionLengthOptions& options) : options_(options) {}

  Verdict check(const CaptionFacts& caption) const override {
    const auto words = static_cast<int64_t>(caption.words.size());
    if (words < options_.min_words) return cat(words, " words, at least ", options_.min_words, " are asked for");
    if (words > options_.max_words) return cat(words, " words, at most ", options_.max_words, " are asked for");
    return std::nullopt;
  }

 private:
  CaptionLengthOptions options_;
};

}  // namespace fusion
