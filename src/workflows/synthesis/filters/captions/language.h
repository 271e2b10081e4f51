#pragma once

#include <tuple>

#include "foundation/config/fields.h"
#include "workflows/synthesis/filters/filter.h"

namespace fusion {

struct LanguageOptions {
  bool enabled = true;
  double min_latin_letters = 0.9;
  double min_function_words = 0.1;
  int64_t judged_words = 8;

  static constexpr auto fields() {
    using Self = LanguageOptions;
    return std::tuple(
        defaulted("enabled", &Self::enabled, "whether it is asked"),
        defaulted("min_latin_letters", &Self::min_latin_letters, "share of a to z among the letters, at least"),
        defaulted("min_function_words", &Self::min_function_words, "share of English function words, at least"),
        defaulted("judged_words", &Self::judged_words, "from so many words on function words are asked for"));
  }
  void check(std::string_view section) const {
    require_option(section, "min_latin_letters", min_latin_letters, 0.0, 1.0);
    require_option(section, "min_function_words", min_function_words, 0.0, 1.0);
    require_option<int64_t>(section, "judged_words", judged_words, 1, 1'000'000);
  }
};

/// English by two simple shares: letters from a to z, and function words ("the", "of", "with"). A text with more
/// function words of German, French, Spanish, Italian, Portuguese or Dutch than of English is dropped at any length.
/// What it lets through: short texts without function words of any of these. Remembers nothing.
class Language final : public CaptionFilter {
 public:
  explicit Language(const LanguageOptions& options) : options_(options) {}

  Verdict check(const CaptionFacts& caption) const override;

 private:
  LanguageOptions options_;
};

}  // namespace fusion
