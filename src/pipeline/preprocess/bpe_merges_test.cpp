#include "pipeline/preprocess/bpe_merges.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>

namespace fusion {
namespace {

using PieceIds = std::vector<uint32_t>;

/// Rule after rule over the whole list, as the method is defined.
PieceIds merge_by_definition(const std::vector<std::array<uint32_t, 3>>& rules, PieceIds ids) {
  while (true) {
    bool merged = false;
    for (const auto& [left, right, result] : rules) {
      for (size_t i = 0; i + 1 < ids.size(); ++i) {
        if (ids[i] != left || ids[i + 1] != right) continue;
        ids[i] = result;
        ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(i) + 1);
        merged = true;
        break;
      }
      if (merged) break;
    }
    if (!merged) return ids;
  }
}

TEST(BpeMerges, ShortAndLongPiecesFollowTheDefinition) {
  std::mt19937 random(5);
  for (int round = 0; round < 300; ++round) {
    std::vector<std::array<uint32_t, 3>> rules;
    uint32_t symbols = 3;
    BpeMerges merges(20);
    for (uint32_t rank = 0; rank < 20; ++rank) {
      const uint32_t left = random() % symbols;
      const uint32_t right = random() % symbols;
      const auto same = [&](const auto& rule) { return rule[0] == left && rule[1] == right; };
      if (std::ranges::any_of(rules, same)) continue;
      rules.push_back({left, right, symbols});
      merges.add(left, right, {.rank = rank, .merged = symbols++});
    }
    for (const size_t length : {size_t{0}, size_t{1}, size_t{2}, size_t{20}, size_t{32}, size_t{33}, size_t{150}}) {
      PieceIds ids;
      while (ids.size() < length) ids.push_back(random() % 3);
      const PieceIds expected = merge_by_definition(rules, ids);
      BpeMerges::Scratch scratch;
      merges.merge(ids, scratch);
      EXPECT_EQ(ids, expected);
    }
  }
}

TEST(BpeMerges, WithoutRulesNothingChanges) {
  const BpeMerges merges(0);
  BpeMerges::Scratch scratch;
  PieceIds ids(100, 7);
  merges.merge(ids, scratch);
  EXPECT_EQ(ids, PieceIds(100, 7));
}

}  // namespace
}  // namespace fusion
