#pragma once
// What a filter is. Each decides about one sort of thing by what is in it and by what was kept before it; what was
// dropped leaves no trace, so that a filter's state is a function of what was kept, in its order.

#include <optional>
#include <string>
#include <string_view>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "workflows/synthesis/filters/facts.h"

namespace fusion {

/// Why something is dropped, for people: "2 words, at least 3 are asked for". Nothing: it may stay.
using Verdict = std::optional<std::string>;

class CaptionFilter {
 public:
  virtual ~CaptionFilter() = default;
  virtual Verdict check(const CaptionFacts& caption) const = 0;
  /// The caption is kept: called once for each, in the order of ids.
  virtual void remember(const CaptionFacts& /*caption*/) {}
};

class PictureFilter {
 public:
  virtual ~PictureFilter() = default;
  virtual Verdict check(const Item& item) const = 0;
  /// The item is kept.
  virtual void remember(const Item& /*item*/) {}
};

class ConversationFilter {
 public:
  virtual ~ConversationFilter() = default;
  /// The conversations that come are another item's.
  virtual void begin_item() {}
  virtual Verdict check(const ConversationFacts& conversation) const = 0;
  /// The conversation is kept.
  virtual void remember(const ConversationFacts& /*conversation*/) {}
};

/// Throws Error about option `key` of the section (as messages call it) where `value` is not within [min, max].
template <class T>
void require_option(std::string_view section, std::string_view key, T value, T min, T max) {
  if (value >= min && value <= max) return;
  throw Error({.who = cat(section, ".", key), .expected = cat("a value from ", min, " to ", max), .got = cat(value)});
}

}  // namespace fusion
