#pragma once
// Tokens that are found in the text as they stand, before any other splitting.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "pipeline/preprocess/prompt_text.h"

namespace fusion {

/// One entry of `added_tokens` or `added_tokens_decoder`.
struct AddedToken {
  int64_t id = 0;
  std::string content = {};
  bool single_word = false;  ///< not inside a word
  bool lstrip = false;       ///< eats the white space on its left
  bool rstrip = false;       ///< eats the white space on its right
  bool normalized = false;   ///< looked for after the tokens that are not
  bool special = false;      ///< left out by skip_special
};

/// Finds many strings in one pass.
class AddedTokenMatcher {
 public:
  struct Match {
    size_t begin = 0;
    size_t end = 0;
    size_t token = 0;  ///< index into the tokens given
  };

  /// Empty contents are ignored.
  explicit AddedTokenMatcher(std::span<const AddedToken> tokens);

  /// The leftmost, longest, non-overlapping matches in bytes [begin, end) that touch no literal byte.
  std::vector<Match> find_all(const PromptText& text, size_t begin, size_t end) const;

 private:
  static constexpr uint32_t kNone = UINT32_MAX;
  struct Node {
    std::vector<std::pair<uint8_t, uint32_t>> children = {};  // by byte
    uint32_t token = kNone;
  };

  uint32_t child(uint32_t node, uint8_t byte) const;
  /// The longest token at `begin` that ends at or before `end`.
  bool match_at(std::string_view text, size_t begin, size_t end, Match& match) const;

  std::vector<Node> nodes_;
  std::vector<bool> starts_;  // by first byte
};

}  // namespace fusion
