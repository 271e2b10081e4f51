#pragma once

#include <tuple>

#include "foundation/config/fields.h"
#include "workflows/synthesis/filters/filter.h"

namespace fusion {

struct FormatOptions {
  bool enabled = true;
  int64_t max_characters = 8000;

  static constexpr auto fields() {
    using Self = FormatOptions;
    return std::tuple(defaulted("enabled", &Self::enabled, "whether it is asked"),
                      defaulted("max_characters", &Self::max_characters, "bytes of a question or an answer, at most"));
  }
  void check(std::string_view section) const {
    require_option<int64_t>(section, "max_characters", max_characters, 1, 1 << 24);
  }
};

/// Rounds, options and words of an answer that are not as many as the kind says; questions and answers that are empty,
/// too long, no UTF-8, or hold control characters or a model's markers ("<image>", "<|end|>"). Remembers nothing.
class Format final : public ConversationFilter {
 public:
  explicit Format(const FormatOptions& options) : options_(options) {}

  Verdict check(const ConversationFacts& conversation) const override;

 private:
  Verdict check_text(std::string_view text, std::string_view what) const;

  FormatOptions options_;
};

}  // namespace fusion
