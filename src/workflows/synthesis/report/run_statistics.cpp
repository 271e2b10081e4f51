#include "workflows/synthesis/report/run_statistics.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "workflows/synthesis/report/round_text.h"

namespace fusion {

namespace {

constexpr size_t kExamples = 5;

void add_example(FilterDrops& drops, int64_t id, const std::string& text, const std::string& reason) {
  if (drops.examples.size() < kExamples) drops.examples.push_back({.id = id, .text = text, .reason = reason});
}

void count_drops(std::map<std::string, FilterDrops>& filters, const Item& item) {
  // An item that fell only because all of its conversations did is told by them.
  const bool by_conversations =
      !item.conversations.empty() &&
      std::ranges::all_of(item.conversations, [](const Conversation& each) { return !each.dropped_by.empty(); });
  if (!item.dropped_by.empty() && !by_conversations) {
    FilterDrops& drops = filters[item.dropped_by];
    ++drops.items;
    add_example(drops, item.id, item.caption, item.drop_reason);
  }
  for (const Conversation& conversation : item.conversations) {
    if (conversation.dropped_by.empty()) continue;
    FilterDrops& drops = filters[conversation.dropped_by];
    ++drops.conversations;
    add_example(drops, item.id, conversation.rounds.empty() ? item.caption : conversation.rounds[0].question,
                conversation.drop_reason);
  }
}

}  // namespace

void LengthHistogram::add(int64_t words) {
  ++bins_[static_cast<size_t>(std::clamp<int64_t>(words, 0, kBins - 1))];
  ++count_;
  words_ += words;
}

void ItemSample::add(const Item& item) {
  const auto number = static_cast<uint64_t>(item.id);
  const uint64_t hash = text_hash({reinterpret_cast<const char*>(&number), sizeof number}, seed_);
  for (const Conversation& conversation : item.conversations) {
    if (!is_kept(item, conversation)) continue;
    auto& chosen = of_kind_[conversation.kind];
    if (chosen.size() == size_ && hash >= chosen.rbegin()->first) continue;
    Item shown = item;
    shown.scenes.clear();
    shown.descriptions.clear();
    std::erase_if(shown.conversations, [&](const Conversation& each) { return !is_kept(item, each); });
    chosen.insert_or_assign(hash, std::move(shown));
    if (chosen.size() > size_) chosen.erase(std::prev(chosen.end()));
  }
}

std::vector<Item> ItemSample::items() const {
  std::vector<Item> items;
  std::set<int64_t> taken;
  for (size_t rank = 0; rank < size_; ++rank) {
    for (const auto& [kind, chosen] : of_kind_) {
      if (items.size() == size_) return items;
      if (rank >= chosen.size()) continue;
      const Item& item = std::next(chosen.begin(), static_cast<ptrdiff_t>(rank))->second;
      if (taken.insert(item.id).second) items.push_back(item);
    }
  }
  return items;
}

void RunStatistics::add(const Item& item) {
  ++funnel.captions;
  funnel.described += !item.descriptions.empty();
  funnel.drawn += !item.picture.empty();
  funnel.asked += !item.conversations.empty();
  bool any_kept = false;
  for (const Conversation& conversation : item.conversations) {
    KindFigures& kind = kinds[conversation.kind];
    ++kind.written;
    ++funnel.conversations_written;
    if (!is_kept(item, conversation)) continue;
    any_kept = true;
    ++kind.kept;
    ++funnel.conversations_kept;
    for (const Round& round : conversation.rounds) {
      ++kind.rounds;
      ++funnel.rounds_kept;
      const int64_t in_question = word_count(round.question);
      const int64_t in_answer = word_count(round.answer);
      kind.question_words.add(in_question);
      kind.answer_words.add(in_answer);
      question_words.add(in_question);
      answer_words.add(in_answer);
      if (const auto answer = bare_answer(round)) kind.answers.add(*answer);
      if (!round.about.empty()) objects.add(round.about);
    }
  }
  funnel.kept += any_kept;
  count_drops(filters, item);
  bias.add(item);
  sample.add(item);
}

RunStatistics collect_statistics(ItemStream& items) {
  RunStatistics statistics;
  while (const auto item = items.next()) statistics.add(*item);
  return statistics;
}

}  // namespace fusion
