#include "pipeline/preprocess/bpe_merges.h"

#include <algorithm>
#include <bit>

namespace fusion {

namespace {

// Up to here the quadratic loop is faster than the heap.
constexpr size_t kShort = 32;

uint64_t pair_of(uint32_t left, uint32_t right) {
  return uint64_t{left} << 32 | right;
}

}  // namespace

BpeMerges::BpeMerges(size_t count) : slots_(std::bit_ceil(2 * count + 2)) {}

size_t BpeMerges::slot_of(uint64_t pair) const {
  uint64_t hash = pair * 0x9E3779B97F4A7C15U;
  hash ^= hash >> 32;
  const size_t mask = slots_.size() - 1;
  size_t at = hash & mask;
  while (slots_[at].pair != kEmpty && slots_[at].pair != pair) at = (at + 1) & mask;
  return at;
}

void BpeMerges::add(uint32_t left, uint32_t right, Rule rule) {
  const uint64_t pair = pair_of(left, right);
  slots_[slot_of(pair)] = {.pair = pair, .rule = rule};
}

BpeMerges::Rule BpeMerges::find(uint32_t left, uint32_t right) const {
  return slots_[slot_of(pair_of(left, right))].rule;
}

void BpeMerges::merge(std::vector<uint32_t>& ids, Scratch& scratch) const {
  if (ids.size() <= kShort) {
    merge_short(ids, scratch);
  } else {
    merge_long(ids, scratch);
  }
}

void BpeMerges::merge_short(std::vector<uint32_t>& ids, Scratch& scratch) const {
  if (ids.size() < 2) return;
  std::vector<Rule>& rules = scratch.rules;  // rules[i] joins ids[i] and ids[i + 1]
  rules.clear();
  for (size_t i = 0; i + 1 < ids.size(); ++i) rules.push_back(find(ids[i], ids[i + 1]));
  while (!rules.empty()) {
    const auto best = std::ranges::min_element(rules, {}, &Rule::rank);
    if (best->rank == kNone) return;
    const auto at = static_cast<size_t>(best - rules.begin());
    ids[at] = best->merged;
    ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(at) + 1);
    rules.erase(best);
    if (at > 0) rules[at - 1] = find(ids[at - 1], ids[at]);
    if (at < rules.size()) rules[at] = find(ids[at], ids[at + 1]);
  }
}

void BpeMerges::merge_long(std::vector<uint32_t>& ids, Scratch& scratch) const {
  using Candidate = Scratch::Candidate;
  auto& symbols = scratch.symbols;  // a doubly linked list in an array
  auto& heap = scratch.heap;
  const auto later = [](const Candidate& a, const Candidate& b) {
    return a.rank != b.rank ? a.rank > b.rank : a.at > b.at;
  };
  const auto candidate_at = [&](uint32_t at) -> std::optional<Candidate> {
    const uint32_t right = symbols[at].next;
    if (right == kNone) return std::nullopt;
    const Rule rule = find(symbols[at].id, symbols[right].id);
    if (rule.rank == kNone) return std::nullopt;
    return Candidate{.rank = rule.rank, .at = at, .merged = rule.merged, .right = right};
  };

  symbols.clear();
  heap.clear();
  for (uint32_t i = 0; i < ids.size(); ++i) {
    symbols.push_back({.id = ids[i], .previous = i == 0 ? kNone : i - 1, .next = i + 1 == ids.size() ? kNone : i + 1});
  }
  for (uint32_t i = 0; i < symbols.size(); ++i) {
    if (const auto candidate = candidate_at(i)) heap.push_back(*candidate);
  }
  std::ranges::make_heap(heap, later);
  while (!heap.empty()) {
    std::ranges::pop_heap(heap, later);
    const Candidate top = heap.back();
    heap.pop_back();
    // A candidate is stale where either of its symbols has grown or gone since.
    const auto now = symbols[top.at].id == kNone ? std::nullopt : candidate_at(top.at);
    if (!now || now->merged != top.merged || now->right != top.right) continue;
    symbols[top.at] = {.id = top.merged, .previous = symbols[top.at].previous, .next = symbols[top.right].next};
    symbols[top.right].id = kNone;
    if (symbols[top.at].next != kNone) symbols[symbols[top.at].next].previous = top.at;
    if (const auto candidate = candidate_at(top.at)) {
      heap.push_back(*candidate);
      std::ranges::push_heap(heap, later);
    }
    if (symbols[top.at].previous == kNone) continue;
    if (const auto candidate = candidate_at(symbols[top.at].previous)) {
      heap.push_back(*candidate);
      std::ranges::push_heap(heap, later);
    }
  }
  ids.clear();
  for (uint32_t at = 0; at != kNone; at = symbols[at].next) ids.push_back(symbols[at].id);
}

}  // namespace fusion
