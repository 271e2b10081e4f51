#include "pipeline/preprocess/added_tokens.h"

#include <algorithm>

namespace fusion {

AddedTokenMatcher::AddedTokenMatcher(std::span<const AddedToken> tokens) : nodes_(1), starts_(256, false) {
  for (size_t index = 0; index < tokens.size(); ++index) {
    if (tokens[index].content.empty()) continue;
    uint32_t at = 0;
    for (const char c : tokens[index].content) {
      const auto byte = static_cast<uint8_t>(c);
      uint32_t next = child(at, byte);
      if (next == kNone) {
        next = static_cast<uint32_t>(nodes_.size());
        auto& children = nodes_[at].children;
        children.insert(std::ranges::lower_bound(children, std::pair(byte, uint32_t{0})), {byte, next});
        nodes_.emplace_back();
      }
      at = next;
    }
    nodes_[at].token = static_cast<uint32_t>(index);
    starts_[static_cast<uint8_t>(tokens[index].content[0])] = true;
  }
}

uint32_t AddedTokenMatcher::child(uint32_t node, uint8_t byte) const {
  const auto& children = nodes_[node].children;
  const auto found = std::ranges::lower_bound(children, std::pair(byte, uint32_t{0}));
  return found != children.end() && found->first == byte ? found->second : kNone;
}

bool AddedTokenMatcher::match_at(std::string_view text, size_t begin, size_t end, Match& match) const {
  bool found = false;
  uint32_t node = 0;
  for (size_t at = begin; at < end; ++at) {
    node = child(node, static_cast<uint8_t>(text[at]));
    if (node == kNone) break;
    if (nodes_[node].token != kNone) {
      match = {.begin = begin, .end = at + 1, .token = nodes_[node].token};
      found = true;
    }
  }
  return found;
}

std::vector<AddedTokenMatcher::Match> AddedTokenMatcher::find_all(const PromptText& text, size_t begin,
                                                                  size_t end) const {
  std::vector<Match> matches;
  const std::string_view bytes = text.text();
  auto literal = text.literal().begin();
  const auto no_more = text.literal().end();
  for (size_t at = begin; at < end;) {
    while (literal != no_more && literal->end <= at) ++literal;
    if (literal != no_more && literal->begin <= at) {
      at = literal->end;
      continue;
    }
    const size_t limit = literal == no_more ? end : std::min(end, literal->begin);
    Match match;
    if (starts_[static_cast<uint8_t>(bytes[at])] && match_at(bytes, at, limit, match)) {
      matches.push_back(match);
      at = match.end;
    } else {
      ++at;
    }
  }
  return matches;
}

}  // namespace fusion
