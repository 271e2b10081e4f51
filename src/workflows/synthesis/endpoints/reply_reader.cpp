#include "workflows/synthesis/endpoints/reply_reader.h"

#include <algorithm>
#include <optional>
#include <set>

#include "foundation/config/json_object.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "workflows/synthesis/endpoints/text_checks.h"

namespace fusion {
namespace {

using nlohmann::json;

constexpr size_t kMaxDescription = 6000;  // bytes, as those below
constexpr size_t kMaxQuestion = 1500;
constexpr size_t kMaxAnswer = 6000;
constexpr size_t kMaxOption = 300;
constexpr int64_t kMaxWordsOfTruth = 3;
constexpr std::string_view kClosing = "Answer with the option's letter from the given choices directly.";

std::string lower(std::string_view text) {
  std::string small(text);
  for (char& c : small) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  return small;
}

/// The text under `key`; a number, true and false are taken for their words.
std::string text_at(const JsonObject& object, std::string_view key, size_t max_bytes) {
  const json* value = object.find(key);
  const bool plain = value != nullptr && (value->is_number_integer() || value->is_boolean());
  std::string text(trimmed(plain ? value->is_boolean() ? value->get<bool>() ? "Yes" : "No" : value->dump()
                                 : object.required<std::string>(key)));
  const std::string problem = problem_of_text(text, max_bytes);
  if (!problem.empty()) throw Error({.who = object.who(key), .expected = "a text", .got = problem});
  return text;
}

const json& list_at(const JsonObject& object, std::string_view key) {
  const json* list = object.find(key);
  if (list != nullptr && list->is_array()) return *list;
  throw Error({.who = object.who(key),
               .expected = "a list",
               .got = list == nullptr ? "no such key" : std::string(list->type_name())});
}

char letter(size_t option) {
  return static_cast<char>('A' + option);
}

/// "A. red", "(A) red", "a) red" and "A: red" without the letter.
std::string_view without_letter(std::string_view option, size_t options) {
  const bool bracket = option.starts_with('(');
  const std::string_view rest = option.substr(bracket ? 1 : 0);
  if (rest.size() < 2) return option;
  const char upper = static_cast<char>(rest[0] >= 'a' && rest[0] <= 'z' ? rest[0] - 32 : rest[0]);
  const bool marked = bracket ? rest[1] == ')' : rest[1] == '.' || rest[1] == ')' || rest[1] == ':';
  const bool spaced = rest.size() > 2 && rest[2] == ' ';
  if (upper < 'A' || upper >= letter(options) || !marked || !spaced) return option;
  return trimmed(rest.substr(2));
}

/// An option that speaks of the others cannot stand in another place.
bool speaks_of_others(const std::string& option) {
  const std::string small = lower(option);
  for (const char* words : {"of the above", "of these", "of the options", "both a", "a and b"}) {
    if (small.find(words) != std::string::npos) return true;
  }
  return false;
}

std::vector<std::string> options_of(const JsonObject& round, const Kind& kind) {
  const json& list = list_at(round, "options");
  if (list.size() != static_cast<size_t>(kind.options)) {
    throw Error({.who = round.who("options"), .expected = cat(kind.options, " of them"), .got = cat(list.size())});
  }
  std::vector<std::string> options;
  std::set<std::string> seen;
  for (const json& each : list) {
    const json wrapped = {{"option", each}};
    const std::string text = text_at(JsonObject(wrapped, round.who("options")), "option", kMaxOption);
    options.emplace_back(without_letter(text, list.size()));
    if (!seen.insert(lower(options.back())).second || speaks_of_others(options.back())) {
      throw Error({.who = round.who("options"),
                   .expected = "options that differ and do not speak of one another",
                   .got = cat('"', printable(options.back()), '"')});
    }
  }
  return options;
}

/// Which option the model means: it says its text, its letter, or both.
size_t right_option(const JsonObject& round, const std::string& answer, const std::vector<std::string>& options) {
  const std::string wanted = lower(answer);
  const std::string bare = lower(without_letter(answer, options.size()));
  for (size_t i = 0; i < options.size(); ++i) {
    const std::string option = lower(options[i]);
    if (option == wanted || option == bare || cat(option, ".") == wanted) return i;
  }
  const bool alone = answer.size() == 1 || (answer.size() == 2 && (answer[1] == '.' || answer[1] == ')'));
  const char small = wanted.front();
  if (alone && small >= 'a' && small < static_cast<char>('a' + options.size())) return static_cast<size_t>(small - 'a');
  throw Error({.who = round.who("answer"), .expected = "one of the options", .got = cat('"', printable(answer), '"')});
}

void require_words(const JsonObject& round, const std::string& answer, const Kind& kind) {
  const int64_t words = word_count(answer);
  if (words >= kind.min_answer_words && words <= kind.max_answer_words) return;
  throw Error({.who = round.who("answer"),
               .expected = cat(kind.min_answer_words, " to ", kind.max_answer_words, " words"),
               .got = cat(words, " of them")});
}

/// What the report and the filters compare: a short answer without its full stop, or its yes or no.
std::string truth_of(const std::string& answer) {
  std::string small = lower(answer);
  while (small.ends_with('.') || small.ends_with('!')) small.pop_back();
  if (word_count(small) <= kMaxWordsOfTruth) return small;
  if (small.starts_with("yes,") || small.starts_with("yes ")) return "yes";
  if (small.starts_with("no,") || small.starts_with("no ")) return "no";
  return "";
}

std::string closing_of(const Kind& kind, RandomSource& random) {
  for (const QuestionForms& forms : kind.grammar) {
    if (!forms.closings.empty()) return forms.closings[random.below(forms.closings.size())];
  }
  return std::string(kClosing);
}

Round choice_of(const JsonObject& object, const Kind& kind, Round round, RandomSource& random) {
  round.options = options_of(object, kind);
  const std::string right = round.options[right_option(object, round.answer, round.options)];
  require_words(object, right, kind);
  random.shuffle(std::span(round.options));
  for (size_t i = 0; i < round.options.size(); ++i) {
    round.question += cat('\n', letter(i), ". ", round.options[i]);
    if (round.options[i] == right) round.truth = letter(i);
  }
  const std::string closing = closing_of(kind, random);
  if (!closing.empty()) round.question += cat('\n', closing);
  round.answer = round.truth;
  return round;
}

Round round_of(const JsonObject& object, const Kind& kind, RandomSource& random) {
  Round round;
  round.question = text_at(object, "question", kMaxQuestion);
  round.answer = text_at(object, "answer", kMaxAnswer);
  if (kind.options > 0) return choice_of(object, kind, std::move(round), random);
  require_words(object, round.answer, kind);
  round.truth = truth_of(round.answer);
  return round;
}

}  // namespace

std::vector<std::string> descriptions_of_reply(const json& reply, const Kind& kind) {
  const JsonObject object(reply, "the reply");
  const json& list = list_at(object, "descriptions");
  if (list.size() != static_cast<size_t>(kind.pictures)) {
    throw Error({.who = object.who("descriptions"),
                 .expected = cat(kind.pictures, kind.pictures == 1 ? " text" : " texts"),
                 .got = cat(list.size())});
  }
  std::vector<std::string> descriptions;
  for (const json& each : list) {
    const json wrapped = {{"description", each}};
    const JsonObject description(wrapped, "the reply");
    descriptions.push_back(text_at(description, "description", kMaxDescription));
    if (std::ranges::count(descriptions, descriptions.back()) > 1) {
      throw Error({.who = object.who("descriptions"), .expected = "texts that differ", .got = "the same one twice"});
    }
  }
  return descriptions;
}

Conversation conversation_of_reply(const json& reply, const Kind& kind, RandomSource& random) {
  const JsonObject object(reply, "the reply");
  const json& list = list_at(object, "conversation");
  if (list.size() < static_cast<size_t>(kind.min_rounds)) {
    throw Error({.who = object.who("conversation"),
                 .expected = cat("at least ", kind.min_rounds, kind.min_rounds == 1 ? " question" : " questions"),
                 .got = cat(list.size())});
  }
  Conversation conversation;
  conversation.kind = kind.name;
  for (size_t i = 0; i < list.size() && i < static_cast<size_t>(kind.max_rounds); ++i) {
    const JsonObject round(list[i], object.file(), cat("conversation[", i, "]"));
    conversation.rounds.push_back(round_of(round, kind, random));
  }
  return conversation;
}

}  // namespace fusion
