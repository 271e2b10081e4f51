#include "workflows/synthesis/filters/make_judge.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "workflows/synthesis/filters/filter_table.h"

namespace fusion {

namespace {

template <class Filter>
struct Named {
  std::string_view name;
  std::unique_ptr<Filter> filter;
};

template <class Base>
using Filters = std::vector<Named<Base>>;

struct Objection {
  std::string_view filter;
  std::string reason;
};

/// What the first filter that objects says.
template <class Base, class Facts>
std::optional<Objection> objection_of(const Filters<Base>& filters, const Facts& facts) {
  for (const Named<Base>& each : filters) {
    if (Verdict verdict = each.filter->check(facts)) return Objection{each.name, std::move(*verdict)};
  }
  return std::nullopt;
}

template <class Base, class Facts>
void remember_all(const Filters<Base>& filters, const Facts& facts) {
  for (const Named<Base>& each : filters) each.filter->remember(facts);
}

/// An item or a conversation.
template <class Thing>
void drop(Thing& thing, const Objection& objection) {
  thing.dropped_by = objection.filter;
  thing.drop_reason = objection.reason;
}

void drop_whole(Item& item, const Objection& objection) {
  drop(item, objection);
  for (Conversation& conversation : item.conversations) {
    if (conversation.dropped_by.empty()) drop(conversation, objection);
  }
}

class FilterJudge final : public Judge {
 public:
  FilterJudge(const FilterOptions& options, const KindRegistry& kinds, const std::shared_ptr<const LeakIndex>& index)
      : kinds_(kinds) {
    for_each_filter([&](const auto& row) { add_filter(row, options.*row.options, index); });
  }

  void judge_caption(Item& item) override {
    if (!item.dropped_by.empty()) return;
    const CaptionFacts facts = caption_facts(item);
    if (const auto objection = objection_of(captions_, facts)) {
      drop_whole(item, *objection);
    } else {
      remember_all(captions_, facts);
    }
  }

  void judge(Item& item) override {
    if (!item.dropped_by.empty()) return;
    if (const auto objection = objection_of(pictures_, item)) {
      drop_whole(item, *objection);
      return;
    }
    begin_item();
    for (Conversation& conversation : item.conversations) judge_conversation(conversation);
    const auto left = std::ranges::count_if(item.conversations, &std::string::empty, &Conversation::dropped_by);
    if (left > 0) {
      remember_all(pictures_, item);
    } else {
      drop(item, {kNothingLeft, item.conversations.empty()
                                    ? "it has no conversation"
                                    : cat("none of its ", item.conversations.size(), " conversations is kept")});
    }
  }

  void remember_caption(const Item& item) override {
    const bool dropped = std::ranges::any_of(filter_infos(), [&item](const FilterInfo& each) {
      return each.looks_at == FilterTarget::kCaption && each.name == item.dropped_by;
    });
    if (!dropped) remember_all(captions_, caption_facts(item));
  }

  void remember(const Item& item) override {
    if (!item.dropped_by.empty()) return;
    remember_all(pictures_, item);
    begin_item();
    for (const Conversation& conversation : item.conversations) {
      if (conversation.dropped_by.empty()) remember_all(conversations_, facts_of(conversation));
    }
  }

 private:
  template <class Row, class Options>
  void add_filter(const Row& row, const Options& options, const std::shared_ptr<const LeakIndex>& index) {
    using Filter = typename Row::Filter;
    if (!options.enabled) return;
    check_filter_section(options, cat("filters.", row.info.section));
    std::unique_ptr<Filter> filter;
    if constexpr (std::is_constructible_v<Filter, const Options&>) {
      filter = std::make_unique<Filter>(options);
    } else {
      filter = std::make_unique<Filter>(index);
    }
    if constexpr (std::is_base_of_v<CaptionFilter, Filter>) {
      captions_.push_back({row.info.name, std::move(filter)});
    } else if constexpr (std::is_base_of_v<PictureFilter, Filter>) {
      pictures_.push_back({row.info.name, std::move(filter)});
    } else {
      conversations_.push_back({row.info.name, std::move(filter)});
    }
  }

  void begin_item() {
    for (const Named<ConversationFilter>& each : conversations_) each.filter->begin_item();
  }

  ConversationFacts facts_of(const Conversation& conversation) const {
    const auto kind = std::ranges::find(kinds_.kinds(), conversation.kind, &Kind::name);
    return conversation_facts(conversation, kind == kinds_.kinds().end() ? nullptr : &*kind);
  }

  void judge_conversation(Conversation& conversation) {
    if (!conversation.dropped_by.empty()) return;
    const ConversationFacts facts = facts_of(conversation);
    if (const auto objection = objection_of(conversations_, facts)) {
      drop(conversation, *objection);
    } else {
      remember_all(conversations_, facts);
    }
  }

  const KindRegistry& kinds_;
  Filters<CaptionFilter> captions_;
  Filters<PictureFilter> pictures_;
  Filters<ConversationFilter> conversations_;
};

}  // namespace

std::unique_ptr<Judge> make_judge(const FilterOptions& options, const KindRegistry& kinds,
                                  std::shared_ptr<const LeakIndex> benchmarks) {
  if (benchmarks == nullptr) benchmarks = LeakIndex::read(options.leakage);
  return std::make_unique<FilterJudge>(options, kinds, benchmarks);
}

}  // namespace fusion
