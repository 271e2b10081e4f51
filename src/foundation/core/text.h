#pragma once
// Putting strings together and taking them apart.

#include <cstdint>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace fusion {

/// The arguments one after another, as `operator<<` writes them.
template <class... Parts>
std::string cat(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return out.str();
}

/// The elements with `separator` between them: join({1, 2}, "x") == "1x2".
template <class Range>
std::string join(const Range& range, std::string_view separator) {
  std::ostringstream out;
  std::string_view between;
  for (const auto& element : range) {
    out << between << element;
    between = separator;
  }
  return out.str();
}

/// The candidate nearest to `word` by edit distance (two neighbours swapped count as one edit), or "" when none is
/// within a third of its length.
std::string closest_match(std::string_view word, const std::vector<std::string>& candidates);

/// Words between white space.
int64_t word_count(std::string_view text);

/// `text` with control characters and broken UTF-8 replaced and cut to `limit` bytes: safe to show in a message.
std::string printable(std::string_view text, size_t limit = 60);

}  // namespace fusion
