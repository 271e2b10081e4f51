#pragma once
// Words and phrases to look for in a text.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "workflows/synthesis/filters/words.h"

namespace fusion {

class PhraseSet {
 public:
  PhraseSet() = default;
  explicit PhraseSet(std::span<const std::string_view> phrases);

  /// A phrase without a word is none.
  void add(std::string_view phrase);
  /// One phrase a line; blank lines and what follows a '#' are passed over.
  void add_lines(std::string_view text);

  /// The first one that stands in `words`, whole words only and whatever the case was.
  std::optional<std::string> find(std::span<const std::string> words) const;
  bool empty() const { return by_first_word_.empty(); }

 private:
  std::unordered_map<std::string, std::vector<Words>> by_first_word_;
};

}  // namespace fusion
