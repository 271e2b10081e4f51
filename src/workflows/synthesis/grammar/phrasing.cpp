#include "workflows/synthesis/grammar/phrasing.h"

#include "foundation/core/text.h"
#include "workflows/synthesis/kinds/slots.h"
#include "workflows/synthesis/world/phrases.h"

namespace fusion {

namespace {

int64_t count_words(std::string_view text) {
  int64_t words = 0;
  bool inside = false;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\n';
    words += !blank && !inside ? 1 : 0;
    inside = !blank;
  }
  return words;
}

/// Without the blanks that an empty slot leaves at the end.
std::string trimmed(std::string text) {
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

std::string answer_text(const std::string& form, const Asked& asked, const std::string& who) {
  std::string text = trimmed(fill_prompt(form, asked.slots, who));
  const bool quoted = asked.verbatim && form.starts_with("{answer}");
  return quoted ? text : capitalized(std::move(text));
}

/// Puts the options below the question; the right one's place is drawn.
void add_options(Round& round, const Asked& asked, int64_t count, RandomSource& random) {
  const uint64_t right = random.below(static_cast<uint64_t>(count));
  size_t wrong = 0;
  for (int64_t i = 0; i < count; ++i) {
    const bool is_right = static_cast<uint64_t>(i) == right;
    const std::string& option = is_right ? asked.truth : asked.wrong[wrong++];
    round.options.push_back(asked.verbatim ? option : capitalized(option));
    round.question += cat("\n", static_cast<char>('A' + i), ". ", round.options.back());
  }
  round.truth = std::string(1, static_cast<char>('A' + right));
  round.answer = round.truth;
}

}  // namespace

std::optional<Round> phrase(const Kind& kind, const QuestionForms& forms, const Asked& asked, RandomSource& random) {
  const bool choice = kind.options > 0;
  if (choice && static_cast<int64_t>(asked.wrong.size()) < kind.options - 1) return std::nullopt;
  const std::string who = cat("the kind ", kind.name, ", query ", forms.query);
  Round round;
  round.query = forms.query;
  round.truth = asked.truth;
  round.about = asked.about;
  round.question = capitalized(fill_prompt(random.pick(forms.questions), asked.slots, who));
  if (choice) {
    add_options(round, asked, kind.options, random);
  } else {
    round.answer = answer_text(random.pick(forms.answers), asked, who);
  }
  const std::string closing = forms.closings.empty() ? "" : random.pick(forms.closings);
  if (!closing.empty()) round.question += cat(choice ? "\n" : " ", closing);

  const int64_t words = count_words(round.answer);
  if (words < kind.min_answer_words || words > kind.max_answer_words) return std::nullopt;
  return round;
}

void check_forms(const QuestionForms& forms, const QueryInfo& query, const std::string& who) {
  for (const std::string& form : forms.questions) require_known_slots(form, query.slots, cat(who, ", a question"));
  for (const std::string& form : forms.answers) require_known_slots(form, query.slots, cat(who, ", an answer"));
}

}  // namespace fusion
