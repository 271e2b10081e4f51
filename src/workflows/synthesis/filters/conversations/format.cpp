#include "workflows/synthesis/filters/conversations/format.h"

#include <array>

#include "foundation/core/utf8.h"

namespace fusion {

namespace {

constexpr auto kMarkers = std::to_array<std::string_view>(
    {"<image>", "<latent_image>", "<|", "|>", "<s>", "</s>", "[INST]", "[/INST]", "<<SYS>>"});

Verdict outside(std::string_view what, size_t count, int64_t min, int64_t max) {
  const auto number = static_cast<int64_t>(count);
  if (number >= min && number <= max) return std::nullopt;
  return min == max ? cat(number, " ", what, ", ", min, " asked for")
                    : cat(number, " ", what, ", ", min, " to ", max, " asked for");
}

bool has_control_character(std::string_view text) {
  while (!text.empty()) {
    const Utf8Step step = utf8_front(text);
    text.remove_prefix(step.length);
    if (step.kind != Utf8Step::Kind::kCharacter) return true;
    const bool layout = step.code == '\n' || step.code == '\t';
    if ((step.code < 0x20 && !layout) || (step.code >= 0x7F && step.code < 0xA0)) return true;
  }
  return false;
}

Verdict check_against_kind(const RoundFacts& round, const Kind& kind) {
  // A kind with a choice may mix in open questions; one without has no options.
  const size_t options = round.round->options.size();
  if (options > 0 || kind.options == 0) {
    if (Verdict verdict = outside("options", options, kind.options, kind.options)) return verdict;
  }
  return outside("words in an answer", round.answer.size(), kind.min_answer_words, kind.max_answer_words);
}

}  // namespace

Verdict Format::check_text(std::string_view text, std::string_view what) const {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return cat("an empty ", what);
  if (text.size() > static_cast<size_t>(options_.max_characters)) return cat(text.size(), " bytes in one ", what);
  if (has_control_character(text)) return cat("control characters or broken UTF-8 in one ", what);
  for (const std::string_view marker : kMarkers) {
    if (text.find(marker) != std::string_view::npos) return cat("the marker ", marker, " in one ", what);
  }
  return std::nullopt;
}

Verdict Format::check(const ConversationFacts& conversation) const {
  const Kind* kind = conversation.kind;
  if (kind == nullptr) return cat("no kind '", printable(conversation.conversation->kind), "'");
  if (Verdict verdict = outside("rounds", conversation.rounds.size(), kind->min_rounds, kind->max_rounds)) {
    return verdict;
  }
  for (const RoundFacts& round : conversation.rounds) {
    if (Verdict verdict = check_text(round.round->question, "question")) return verdict;
    if (Verdict verdict = check_text(round.round->answer, "answer")) return verdict;
    if (Verdict verdict = check_against_kind(round, *kind)) return verdict;
    for (const std::string& option : round.round->options) {
      if (Verdict verdict = check_text(option, "option")) return verdict;
    }
  }
  return std::nullopt;
}

}  // namespace fusion
