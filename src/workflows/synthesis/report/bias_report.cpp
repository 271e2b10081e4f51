#include "workflows/synthesis/report/bias_report.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "workflows/synthesis/report/round_text.h"

namespace fusion {

namespace {

constexpr size_t kAnswersOfAKind = 1 << 16;
constexpr size_t kAnswersOfAnObject = 64;
/// Fewer rounds than this say nothing of a noun.
constexpr int64_t kRoundsToTell = 30;
constexpr size_t kListedObjects = 20;

bool is_held_out(int64_t id) {
  const auto number = static_cast<uint64_t>(id);
  return (text_hash({reinterpret_cast<const char*>(&number), sizeof number}) & 1) != 0;
}

uint64_t frequent_hash(const TopCounts& counts) {
  const auto top = counts.top(1);
  return top.empty() ? 0 : text_hash(top[0].text);
}

}  // namespace

double KindBias::worst() const {
  return std::max({majority.share(), by_question.share(), by_object.share()});
}

bool BiasFigures::within_caps() const {
  return all.worst() < cap_over_all &&
         std::ranges::all_of(kinds, [this](const KindBias& kind) { return kind.worst() < cap_within_kind; });
}

BiasReport::BiasReport(BiasOptions options)
    : options_(options), questions_(options.max_questions), nouns_(options.max_objects) {}

void BiasReport::add(const Item& item) {
  const bool held_out = is_held_out(item.id);
  for (const Conversation& conversation : item.conversations) {
    if (!is_kept(item, conversation)) continue;
    for (const Round& round : conversation.rounds) add(conversation.kind, round, held_out);
  }
}

void BiasReport::add(const std::string& kind, const Round& round, bool held_out) {
  const std::optional<std::string> answer = bare_answer(round);
  if (!answer) return;
  KindCounts& counts = kinds_
                           .try_emplace(kind, KindCounts{.number = static_cast<uint32_t>(kinds_.size()),
                                                         .all = TopCounts(kAnswersOfAKind),
                                                         .learned = TopCounts(kAnswersOfAKind)})
                           .first->second;
  counts.all.add(*answer);
  if (!held_out) counts.learned.add(*answer);

  Observation seen{.known = text_hash(round.question, text_hash(kind)),
                   .group = counts.number,
                   .answer = text_hash(*answer),
                   .held_out = held_out};
  questions_.add(seen);
  seen.known = text_hash(round.about, text_hash(round.query, text_hash(kind)));
  nouns_.add(seen);

  if (round.about.empty()) return;
  const std::pair named(round.about, round.query);
  const auto found = objects_.find(named);
  if (found != objects_.end()) {
    found->second.add(*answer);
  } else if (objects_.size() < options_.max_named_objects) {
    objects_.emplace(named, kAnswersOfAnObject).first->second.add(*answer);
  }
}

std::vector<ObjectBias> BiasReport::one_sided_objects() const {
  std::vector<ObjectBias> objects;
  for (const auto& [named, answers] : objects_) {
    if (answers.total() < kRoundsToTell) continue;
    const TopCounts::Entry top = answers.top(1).at(0);
    objects.push_back({.object = named.first,
                       .query = named.second,
                       .rounds = answers.total(),
                       .most_frequent = top.text,
                       .share = static_cast<double>(top.count) / static_cast<double>(answers.total())});
  }
  std::ranges::stable_sort(objects, std::greater{}, &ObjectBias::share);
  if (objects.size() > kListedObjects) objects.resize(kListedObjects);
  return objects;
}

BiasFigures BiasReport::figures() const {
  std::vector<uint64_t> fallback(kinds_.size());
  for (const auto& [kind, counts] : kinds_) fallback[counts.number] = frequent_hash(counts.learned);
  const std::vector<Guess> by_question = questions_.score(fallback);
  const std::vector<Guess> by_object = nouns_.score(fallback);

  BiasFigures figures;
  figures.all.kind = "all";
  figures.all.most_frequent = "that of the kind";
  figures.sampled_questions = questions_.sampled();
  figures.sampled_objects = nouns_.sampled();
  figures.objects = one_sided_objects();
  figures.cap_within_kind = options_.cap_within_kind;
  figures.cap_over_all = options_.cap_over_all;
  for (const auto& [name, counts] : kinds_) {
    const TopCounts::Entry top = counts.all.top(1).at(0);
    KindBias kind{.kind = name,
                  .rounds = counts.all.total(),
                  .most_frequent = top.text,
                  .majority = {.scored = counts.all.total(), .right = top.count},
                  .by_question = by_question[counts.number],
                  .by_object = by_object[counts.number]};
    figures.all.rounds += kind.rounds;
    figures.all.majority += kind.majority;
    figures.all.by_question += kind.by_question;
    figures.all.by_object += kind.by_object;
    figures.kinds.push_back(std::move(kind));
  }
  return figures;
}

}  // namespace fusion
