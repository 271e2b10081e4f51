#pragma once
// What the filters look at, worked out once for all of them.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "workflows/synthesis/filters/words.h"
#include "workflows/synthesis/items/item.h"
#include "workflows/synthesis/kinds/kind.h"

namespace fusion {

struct CaptionFacts {
  std::string_view text;
  Words words;
};

/// The item outlives its facts.
CaptionFacts caption_facts(const Item& item);

/// What sort of answer a bare one is: shares are counted within a sort.
enum class AnswerSort { kUnknown, kYesNo, kLetter, kNumber, kOther };

struct RoundFacts {
  const Round* round = nullptr;
  Words question;  ///< all of it, options included
  Words answer;
  /// What is asked for, whichever way it is put: the words of the question's first line without those that only ask.
  /// "How many dogs are there?" and "Count the dogs in the picture." are both "# dogs".
  Words asked;
  AnswerSort sort = AnswerSort::kUnknown;
  /// The bare answer, comparable: lower case, no article in front, numbers in digits, of a choice the option's text.
  /// From the round's truth, or from an answer of at most three words, or its "yes" or "no" or only number; "" for a
  /// longer one.
  std::string value;
  /// Whether another value for the same question is another answer, not only another wording.
  bool certain = false;
  std::vector<std::string> choices;  ///< the options, as `value` is; empty where there are none
  std::optional<size_t> option;      ///< which one was chosen
};

struct ConversationFacts {
  const Conversation* conversation = nullptr;
  const Kind* kind = nullptr;  ///< null where the run knows no such kind
  std::vector<RoundFacts> rounds;
};

/// The conversation and the kind outlive its facts.
ConversationFacts conversation_facts(const Conversation& conversation, const Kind* kind);

/// Which option `text` names: "B", "(b)", "B. red", "B: red" or "red". Nothing where it names none, or where letter and
/// text do not go together.
std::optional<size_t> option_named(std::string_view text, const std::vector<std::string>& options);

/// Every run of `length` words as one hash, in their order; the whole text as one where it has fewer; none for no
/// words.
std::vector<uint64_t> shingles(const Words& words, size_t length);

}  // namespace fusion
