#include "workflows/synthesis/kinds/prompts.h"

#include <algorithm>

#include "foundation/config/fields.h"
#include "foundation/config/yaml_file.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "workflows/synthesis/kinds/definitions.h"
#include "workflows/synthesis/kinds/slots.h"

namespace fusion {

namespace {

/// What all kinds' prompts share.
struct Rules {
  std::string expand_rules;
  std::string ask_rules;
  std::string plain_reply;   ///< form of the reply of a kind without options
  std::string choice_reply;  ///< and of one with them

  static constexpr auto fields() {
    return std::tuple(field("expand_rules", &Rules::expand_rules, "of every expand_prompt"),
                      field("ask_rules", &Rules::ask_rules, "of every ask_prompt"),
                      field("plain_reply", &Rules::plain_reply, "the reply's form without options"),
                      field("choice_reply", &Rules::choice_reply, "the reply's form with options"));
  }
};

const Rules& rules() {
  static const Rules kRules = [] {
    const std::string who(kRulesFile);
    const nlohmann::json value = parse_yaml(definition(kRulesFile), who);
    return read_fields<Rules>(JsonObject(value, who));
  }();
  return kRules;
}

std::string range_text(int64_t min, int64_t max) {
  return min == max ? cat(min) : cat(min, " to ", max);
}

/// What any prompt may say of the kind itself.
std::vector<Slot> numbers_of(const Kind& kind) {
  return {{"pictures", cat(kind.pictures)},
          {"rounds", range_text(kind.min_rounds, kind.max_rounds)},
          {"options", cat(kind.options)},
          {"min_answer_words", cat(kind.min_answer_words)},
          {"max_answer_words", cat(kind.max_answer_words)}};
}

std::string numbered(const std::vector<std::string>& descriptions) {
  if (descriptions.size() == 1) return descriptions.front();
  std::string text;
  for (size_t i = 0; i < descriptions.size(); ++i) {
    text += cat(i == 0 ? "" : "\n", i == 0 ? "Left picture: " : "Right picture: ", descriptions[i]);
  }
  return text;
}

std::vector<Slot> expand_slots(const Kind& kind, const std::string& caption) {
  std::vector<Slot> slots = numbers_of(kind);
  std::string shared = fill_prompt(rules().expand_rules, slots, std::string(kRulesFile));
  slots.push_back({"caption", caption});
  slots.push_back({"expand_rules", std::move(shared)});
  return slots;
}

std::vector<Slot> ask_slots(const Kind& kind, const std::vector<std::string>& descriptions) {
  std::vector<Slot> slots = numbers_of(kind);
  const std::string who(kRulesFile);
  std::string shared = fill_prompt(rules().ask_rules, slots, who);
  shared += fill_prompt(kind.options > 0 ? rules().choice_reply : rules().plain_reply, slots, who);
  slots.push_back({"description", descriptions.front()});
  slots.push_back({"descriptions", numbered(descriptions)});
  slots.push_back({"ask_rules", std::move(shared)});
  return slots;
}

void check_prompt(const std::string& prompt, const std::vector<Slot>& slots,
                  const std::vector<std::string_view>& wanted, const std::string& who) {
  std::vector<std::string_view> known;
  for (const Slot& slot : slots) known.push_back(slot.name);
  require_known_slots(prompt, known, who);
  const auto names = slot_names(prompt);
  if (std::ranges::none_of(names, [&](auto name) { return std::ranges::find(wanted, name) != wanted.end(); })) {
    throw Error({.who = who, .expected = cat("a text with {", join(wanted, "} or {"), "}"), .got = "one without"});
  }
}

}  // namespace

std::string expand_request(const Kind& kind, const std::string& caption) {
  return fill_prompt(kind.expand_prompt, expand_slots(kind, caption), cat("expand_prompt of the kind ", kind.name));
}

std::string ask_request(const Kind& kind, const std::vector<std::string>& descriptions) {
  if (static_cast<int64_t>(descriptions.size()) < kind.pictures) {
    throw Error({.who = cat("ask_prompt of the kind ", kind.name),
                 .expected = cat(kind.pictures, " descriptions"),
                 .got = cat(descriptions.size())});
  }
  const std::vector<std::string> shown(descriptions.begin(), descriptions.begin() + kind.pictures);
  return fill_prompt(kind.ask_prompt, ask_slots(kind, shown), cat("ask_prompt of the kind ", kind.name));
}

void check_prompts(const Kind& kind, const std::string& who) {
  const std::vector<std::string> descriptions(static_cast<size_t>(kind.pictures));
  check_prompt(kind.expand_prompt, expand_slots(kind, ""), {"caption"}, cat(who, ": key 'expand_prompt'"));
  check_prompt(kind.ask_prompt, ask_slots(kind, descriptions), {"description", "descriptions"},
               cat(who, ": key 'ask_prompt'"));
}

}  // namespace fusion
