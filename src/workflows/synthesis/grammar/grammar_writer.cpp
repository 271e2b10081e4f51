#include "workflows/synthesis/grammar/grammar_writer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "foundation/core/text.h"
#include "workflows/synthesis/grammar/phrasing.h"
#include "workflows/synthesis/kinds/item_random.h"

namespace fusion {

namespace {

constexpr int kTriesPerRound = 12;

/// How likely a query is to be taken again in one conversation, against the first time.
constexpr double kAgain = 0.35;

const QueryInfo& checked(const QuestionForms& forms, const Kind& kind) {
  const std::string who = cat("grammar of the kind ", kind.name, ": query ", printable(forms.query));
  const QueryInfo& query = find_query(forms.query, who);
  if (query.pictures != kind.pictures) {
    throw Error({.who = who,
                 .expected = cat("a query of ", kind.pictures, kind.pictures == 1 ? " picture" : " pictures"),
                 .got = cat("one of ", query.pictures)});
  }
  if (kind.options > 0 && !query.has_options) {
    throw Error({.who = who, .expected = "a query with wrong answers to choose from", .got = "one without"});
  }
  check_forms(forms, query, who);
  return query;
}

/// An index, by weight.
size_t draw(const std::vector<double>& weights, RandomSource& random) {
  double total = 0;
  for (const double weight : weights) total += weight;
  double at = random.uniform() * total;
  size_t drawn = 0;
  while (drawn + 1 < weights.size() && at >= weights[drawn]) at -= weights[drawn++];
  return drawn;
}

/// FNV-1a, for a kind's questions not to depend on which kinds came before it.
uint64_t hash_of(std::string_view text) {
  uint64_t value = 0xcbf29ce484222325;
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return value;
}

const Kind& first_kind(const Item& item, const KindRegistry& kinds) {
  if (item.kinds.empty()) throw CallFailed({.who = cat("item ", item.id), .expected = "a kind", .got = "none"});
  return kinds.find(item.kinds.front());
}

}  // namespace

GrammarWriter::GrammarWriter(KindRegistry kinds, std::shared_ptr<const World> world, uint64_t seed)
    : kinds_(std::move(kinds)), world_(std::move(world)), seed_(seed), shares_(*world_) {
  for (const Kind& kind : kinds_.kinds()) {
    std::vector<Entry>& entries = entries_[kind.name];
    for (const QuestionForms& forms : kind.grammar) entries.push_back({&forms, &checked(forms, kind)});
  }
}

void GrammarWriter::expand(Item& item, const CallContext& context) {
  ++context.usage->calls;
  const Focus focus = focus_from_name(first_kind(item, kinds_).focus);
  if (item.scenes.empty()) {
    throw ProviderUnusable({.who = cat("item ", item.id, " from ", printable(item.source)),
                            .expected = "a caption of the embedded world, which the embedded grammar writes about",
                            .got = "another one",
                            .hint = "take a text endpoint for captions and pictures from elsewhere"});
  }
  RandomSource random = item_random(seed_, item.id, DrawnFor::kDescription);
  item.descriptions.clear();
  for (const Scene& scene : item.scenes) item.descriptions.push_back(world_->description(scene, focus, random));
}

void GrammarWriter::ask(Item& item, const EncodedPicture& /*picture*/, const CallContext& context) {
  ++context.usage->calls;
  item.conversations.clear();
  std::set<std::string> asked_facts;
  for (const std::string& name : item.kinds) {
    const Kind& kind = kinds_.find(name);
    if (kind.pictures > static_cast<int64_t>(item.scenes.size())) continue;
    Conversation conversation = converse(kind, item, asked_facts);
    if (static_cast<int64_t>(conversation.rounds.size()) >= kind.min_rounds) {
      item.conversations.push_back(std::move(conversation));
    }
  }
}

const std::vector<GrammarWriter::Entry>& GrammarWriter::entries(const Kind& kind) const {
  const std::vector<Entry>& entries = entries_.find(kind.name)->second;
  if (entries.empty()) {
    throw ProviderUnusable({.who = cat("kind ", kind.name),
                            .expected = "a grammar",
                            .got = "none in its file",
                            .hint = "take a text endpoint, or give the kind a grammar"});
  }
  return entries;
}

Conversation GrammarWriter::converse(const Kind& kind, const Item& item, std::set<std::string>& asked_facts) const {
  const std::vector<Entry>& choices = entries(kind);
  RandomSource random(item_random(seed_, item.id, DrawnFor::kQuestions).below(UINT64_MAX), hash_of(kind.name));
  const int64_t wanted = random.between(kind.min_rounds, kind.max_rounds);

  std::set<std::string> told;
  const QueryContext context{.scenes = item.scenes,
                             .descriptions = item.descriptions,
                             .world = *world_,
                             .focus = focus_from_name(first_kind(item, kinds_).focus),
                             .shares = shares_,
                             .told = told,
                             .random = random};
  std::vector<double> weights;
  for (const Entry& each : choices) weights.push_back(each.forms->weight);
  Conversation conversation;
  conversation.kind = kind.name;
  int tries = kTriesPerRound * static_cast<int>(wanted);
  while (static_cast<int64_t>(conversation.rounds.size()) < wanted && tries-- > 0) {
    const size_t drawn = draw(weights, random);
    const Entry& choice = choices[drawn];
    std::optional<Asked> asked = choice.query->ask(context);
    if (!asked || told.contains(asked->fact) || asked_facts.contains(asked->fact)) continue;
    std::optional<Round> round = phrase(kind, *choice.forms, *asked, random);
    if (!round) continue;
    conversation.rounds.push_back(std::move(*round));
    asked_facts.insert(asked->fact);
    told.insert(asked->fact);
    told.merge(asked->told);
    weights[drawn] *= kAgain;
  }
  return conversation;
}

}  // namespace fusion
