#pragma once

#include <tuple>

#include "foundation/config/fields.h"
#include "workflows/synthesis/filters/filter.h"

namespace fusion {

struct ChoiceOptions {
  bool enabled = true;

  static constexpr auto fields() {
    return std::tuple(defaulted("enabled", &ChoiceOptions::enabled, "whether it is asked"));
  }
};

/// Of rounds with options: an answer that is none of them, options that repeat, and an answer other than the known
/// truth. Remembers nothing.
class Choice final : public ConversationFilter {
 public:
  explicit Choice(const ChoiceOptions& /*options*/) {}

  Verdict check(const ConversationFacts& conversation) const override;
};

}  // namespace fusion
