#include "workflows/synthesis/filters/facts.h"

#include <algorithm>
#include <array>
#include <span>

#include "foundation/core/text.h"

namespace fusion {

namespace {

constexpr size_t kShortAnswer = 3;  ///< words of an answer that is its own bare answer

/// Words that only ask, or say that there is a picture.
constexpr auto kAskingWords = std::to_array<std::string_view>(
    {"a",   "an",    "any",  "are",  "can", "could", "do",         "does",    "here",   "image",
     "in",  "is",    "it",   "me",   "of",  "photo", "photograph", "picture", "please", "scene",
     "see", "shown", "tell", "that", "the", "there", "this",       "visible", "you"});
static_assert(std::ranges::is_sorted(kAskingWords));

/// Words that go with asking for a count.
constexpr auto kCountingWords =
    std::to_array<std::string_view>({"all", "altogether", "give", "state", "total", "what"});

template <size_t N>
bool is_one_of(const std::array<std::string_view, N>& list, std::string_view word) {
  return std::ranges::find(list, word) != list.end();
}

bool follows(const Words& words, size_t i, std::string_view first, std::string_view second) {
  return words[i] == first && i + 1 < words.size() && words[i + 1] == second;
}

Words asked_words(std::string_view question) {
  const Words words = folded_words(question.substr(0, question.find('\n')));
  Words asked;
  bool counts = false;
  for (size_t i = 0; i < words.size(); ++i) {
    if (follows(words, i, "how", "many") || follows(words, i, "number", "of")) {
      counts = true;
      ++i;
    } else if (i == 0 && words[i] == "count") {
      counts = true;
    } else if (!is_one_of(kAskingWords, words[i])) {
      asked.push_back(words[i]);
    }
  }
  if (counts) {
    std::erase_if(asked, [](const std::string& word) { return is_one_of(kCountingWords, word); });
    asked.insert(asked.begin(), "#");
  }
  return asked;
}

std::string plain_value(std::span<const std::string> words) {
  if (words.size() > 1 && (words[0] == "a" || words[0] == "an" || words[0] == "the")) words = words.subspan(1);
  Words plain(words.begin(), words.end());
  for (std::string& word : plain) {
    const int64_t number = number_of(word);
    if (number >= 0) word = cat(number);
  }
  return join(plain, " ");
}

/// The only number among the words, or "".
std::string only_number(const Words& words) {
  int64_t found = -1;
  for (const std::string& word : words) {
    const int64_t number = number_of(word);
    if (number < 0) continue;
    if (found >= 0) return "";
    found = number;
  }
  return found < 0 ? "" : cat(found);
}

AnswerSort sort_of(const std::string& value) {
  if (value.empty()) return AnswerSort::kUnknown;
  if (value == "yes" || value == "no") return AnswerSort::kYesNo;
  return number_of(value) >= 0 ? AnswerSort::kNumber : AnswerSort::kOther;
}

void take_choice(const Round& round, RoundFacts& facts) {
  for (const std::string& option : round.options) facts.choices.push_back(plain_value(folded_words(option)));
  facts.option = option_named(round.answer, round.options);
  if (!facts.option) facts.option = option_named(round.truth, round.options);
  if (!facts.option) return;
  facts.sort = AnswerSort::kLetter;
  facts.value = facts.choices[*facts.option];
  facts.certain = true;
}

void take_value(const Round& round, RoundFacts& facts) {
  const Words& answer = facts.answer;
  const bool counts = !facts.asked.empty() && facts.asked.front() == "#";
  facts.certain = true;
  if (!round.truth.empty()) {
    facts.value = plain_value(folded_words(round.truth));
  } else if (!answer.empty() && (answer.front() == "yes" || answer.front() == "no")) {
    facts.value = answer.front();
  } else if (counts && !only_number(answer).empty()) {
    facts.value = only_number(answer);
  } else {
    if (answer.size() <= kShortAnswer) facts.value = plain_value(answer);
    facts.certain = false;
  }
  facts.sort = sort_of(facts.value);
}

}  // namespace

CaptionFacts caption_facts(const Item& item) {
  return {.text = item.caption, .words = folded_words(item.caption)};
}

ConversationFacts conversation_facts(const Conversation& conversation, const Kind* kind) {
  ConversationFacts facts{.conversation = &conversation, .kind = kind, .rounds = {}};
  for (const Round& round : conversation.rounds) {
    RoundFacts& each = facts.rounds.emplace_back();
    each.round = &round;
    each.question = folded_words(round.question);
    each.answer = folded_words(round.answer);
    each.asked = asked_words(round.question);
    round.options.empty() ? take_value(round, each) : take_choice(round, each);
  }
  return facts;
}

std::optional<size_t> option_named(std::string_view text, const std::vector<std::string>& options) {
  const Words words = folded_words(text);
  const auto find = [&options](const Words& named) -> std::optional<size_t> {
    for (size_t i = 0; i < options.size(); ++i) {
      if (folded_words(options[i]) == named) return i;
    }
    return std::nullopt;
  };
  // The text first: an option may be a letter itself.
  if (const auto by_text = find(words)) return by_text;
  if (words.empty() || words[0].size() != 1) return std::nullopt;
  const auto letter = static_cast<size_t>(words[0][0] - 'a');
  if (words[0][0] < 'a' || letter >= options.size()) return std::nullopt;
  if (words.size() == 1) return letter;
  return Words(words.begin() + 1, words.end()) == folded_words(options[letter]) ? std::optional(letter) : std::nullopt;
}

std::vector<uint64_t> shingles(const Words& words, size_t length) {
  std::vector<uint64_t> all;
  if (words.empty()) return all;
  length = std::min(length, words.size());
  std::vector<uint64_t> hashes;
  for (const std::string& word : words) hashes.push_back(hash_of(word));
  for (size_t i = 0; i + length <= words.size(); ++i) {
    uint64_t hash = length;
    for (size_t k = i; k < i + length; ++k) hash = combined_hash(hash, hashes[k]);
    all.push_back(hash);
  }
  return all;
}

}  // namespace fusion
