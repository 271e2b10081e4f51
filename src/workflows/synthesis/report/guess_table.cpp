#include "workflows/synthesis/report/guess_table.h"

#include <algorithm>
#include <tuple>

namespace fusion {

namespace {

uint64_t pair_key(const Observation& of) {
  // Both are hashes already; the odd factor keeps (a, b) and (b, a) apart.
  return of.known * 0x9e3779b97f4a7c15 + of.answer + of.group;
}

}  // namespace

Guess& Guess::operator+=(const Guess& other) {
  scored += other.scored;
  right += other.right;
  return *this;
}

void GuessTable::add(const Observation& of) {
  if (!in_sample(of.known)) return;
  Entry& entry = entries_.try_emplace(pair_key(of), Entry{.known = of.known, .answer = of.answer, .group = of.group})
                     .first->second;
  ++(of.held_out ? entry.held_out : entry.learned);
  while (entries_.size() > max_entries_ && level_ < 63) thin_out();
}

void GuessTable::thin_out() {
  ++level_;
  std::erase_if(entries_, [this](const auto& each) { return !in_sample(each.second.known); });
}

std::vector<Guess> GuessTable::score(std::span<const uint64_t> fallback) const {
  std::vector<Entry> sorted;
  sorted.reserve(entries_.size());
  for (const auto& [key, entry] : entries_) sorted.push_back(entry);
  std::ranges::sort(sorted, {}, [](const Entry& e) { return std::tuple(e.group, e.known, e.answer); });

  std::vector<Guess> scores(fallback.size());
  for (auto begin = sorted.begin(); begin != sorted.end();) {
    const auto end = std::find_if(begin, sorted.end(),
                                  [&](const Entry& e) { return e.group != begin->group || e.known != begin->known; });
    const auto likeliest = std::ranges::max_element(begin, end, {}, &Entry::learned);
    const uint64_t guess = likeliest->learned > 0 ? likeliest->answer : fallback[begin->group];
    for (; begin != end; ++begin) {
      scores[begin->group] +=
          {.scored = begin->held_out, .right = begin->answer == guess ? int64_t{begin->held_out} : 0};
    }
  }
  return scores;
}

}  // namespace fusion
