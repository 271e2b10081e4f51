#include "pipeline/preprocess/prompt.h"

#include <algorithm>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "pipeline/preprocess/tokenizer_utf8.h"

namespace fusion {

namespace {

/// Puts `mark` between the ids of the parts. Where the first part begins with BOS, every part is taken to, and only
/// the first one is kept.
std::vector<int64_t> join_parts(const std::vector<std::vector<int64_t>>& parts, int64_t mark,
                                std::optional<int64_t> bos) {
  std::vector<int64_t> ids;
  const size_t offset = bos && !parts[0].empty() && parts[0][0] == *bos ? 1 : 0;
  if (offset == 1) ids.push_back(parts[0][0]);
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) ids.push_back(mark);
    const auto skipped = static_cast<std::ptrdiff_t>(std::min(offset, parts[i].size()));
    ids.insert(ids.end(), parts[i].begin() + skipped, parts[i].end());
  }
  return ids;
}

/// Note [Counting a round by itself]
/// Where a round ends in the whole is found as the reference finds it: each round is tokenized apart and its length
/// corrected by what the seam costs. phi_3: the first round lacks its end token; a later one gains "▁" and the newline
/// that `<|end|>` strips, less its end token (with a tokenizer that puts no "▁" before a text these cancel). llama_3:
/// the first round lacks its end token; a later one gains a BOS less its end token (with a tokenizer that puts no BOS
/// before a text it lacks the end token, which the reference does not see: it drops the labels of such a conversation).
struct Seam {
  int64_t first;
  int64_t later;
};

std::optional<Seam> seam_of(const ConversationTemplate& format, const Tokenizer& tokenizer) {
  if (format.name == "phi_3") {
    const bool prefixes = tokenizer.encode(PromptText(format.stop())).size() > 1;
    return Seam{.first = 1, .later = prefixes && !tokenizer.legacy() ? -1 : 0};
  }
  if (format.name == "llama_3") {
    const auto bos = tokenizer.special().bos;
    const bool begins = bos && tokenizer.encode(PromptText("a")).front() == *bos;
    return Seam{.first = 1, .later = begins ? 0 : 1};
  }
  return std::nullopt;
}

/// One question and its answer within the ids of the whole.
struct Round {
  int64_t begin = 0;
  int64_t answer = 0;  ///< the first id after the assistant's header
  int64_t end = 0;
};

/// The rounds of a rendered conversation. In the reference's arithmetic: the text is cut at separators, system, user
/// and assistant make the first round, user and assistant each other one.
std::vector<Round> find_rounds(const Tokenizer& tokenizer, const ConversationTemplate& format, const PromptText& prompt,
                               Seam seam) {
  const std::vector<PromptText> messages = prompt.split(format.separator);
  const std::string header = cat(format.separator, format.assistant);
  std::vector<Round> rounds;
  int64_t at = 0;
  for (size_t first = 0; first < messages.size();) {
    const size_t end = std::min(messages.size(), first == 0 ? size_t{3} : first + 2);
    PromptText round;
    for (size_t i = first; i < end; ++i) {
      if (i > first) round.append(format.separator);
      round.append_prompt(messages[i]);
    }
    if (round.empty()) break;
    const std::vector<PromptText> parts = round.split(header);
    if (parts.size() != 2) break;
    PromptText question = parts[0];
    question.append(header);
    const int64_t correction = first == 0 ? seam.first : seam.later;
    const auto length = static_cast<int64_t>(tokenize_with_placeholders(tokenizer, round).size()) + correction;
    const auto asked = static_cast<int64_t>(tokenize_with_placeholders(tokenizer, question).size()) - 1 + correction;
    rounds.push_back({.begin = at, .answer = at + asked, .end = at + length});
    at += length;
    first = end;
  }
  return rounds;
}

}  // namespace

std::vector<int64_t> tokenize_with_placeholders(const Tokenizer& tokenizer, const PromptText& prompt) {
  std::vector<std::vector<int64_t>> outer;
  for (const PromptText& chunk : prompt.split(kImageMark)) {
    std::vector<std::vector<int64_t>> inner;
    for (const PromptText& part : chunk.split(kLatentMark)) inner.push_back(tokenizer.encode(part));
    outer.push_back(join_parts(inner, kLatentToken, tokenizer.special().bos));
  }
  return join_parts(outer, kImageToken, tokenizer.special().bos);
}

std::vector<Turn> turns_of_sample(std::span<const DatasetMessage> messages, bool has_image) {
  std::vector<Turn> turns;
  for (size_t i = 0; i < messages.size(); ++i) {
    const DatasetMessage& message = messages[i];
    if (message.from != "human" && message.from != "gpt") {
      throw Error({.who = cat("message ", i + 1), .expected = "from: human or gpt", .got = printable(message.from)});
    }
    const Speaker speaker = message.from == "human" ? Speaker::kUser : Speaker::kAssistant;
    if (i == 0 && speaker != Speaker::kUser) continue;
    const Speaker expected = turns.size() % 2 == 0 ? Speaker::kUser : Speaker::kAssistant;
    if (speaker != expected) {
      throw Error({.who = cat("message ", i + 1), .expected = "human and gpt in turn", .got = message.from});
    }
    Turn turn{.speaker = speaker, .text = message.value};
    if (has_image && turn.text.find(kImageMark) != std::string::npos) {
      turn.text = std::string(strip(replace_all(turn.text, kImageMark, "")));
      turn.picture = true;
    }
    turns.push_back(std::move(turn));
  }
  return turns;
}

TokenizedPrompt tokenize_for_training(const Tokenizer& tokenizer, const ConversationTemplate& format,
                                      std::span<const Turn> turns, const TrainingPromptOptions& options) {
  const auto seam = seam_of(format, tokenizer);
  if (!seam) {
    throw Error({.who = "conversation template",
                 .expected = "phi_3 or llama_3, which FUSION models are trained with",
                 .got = std::string(format.name)});
  }
  const PromptText prompt = render(format, turns, /*open_end=*/false, options.policy);
  TokenizedPrompt result{.input_ids = tokenize_with_placeholders(tokenizer, prompt)};
  result.labels = result.input_ids;
  const auto size = static_cast<int64_t>(result.labels.size());
  const auto ignore = [&](int64_t begin, int64_t end) {
    std::fill(result.labels.begin() + std::min(begin, size), result.labels.begin() + std::clamp(end, begin, size),
              kIgnoreLabel);
  };

  int64_t end = 0;
  for (const Round& round : find_rounds(tokenizer, format, prompt, *seam)) {
    if (round.answer < 1 || round.answer > size) {
      throw Error({.who = "conversation",
                   .expected = "rounds that fit into the whole",
                   .got = cat("a question that ends at ", round.answer, " of ", size, " tokens"),
                   .cause = "a role or separator of the template inside a message"});
    }
    ignore(round.begin, round.answer);
    result.labels[static_cast<size_t>(round.answer) - 1] = kQuestionLabel;
    end = round.end;
  }
  ignore(end, size);

  int64_t counted = size;
  // The reference counts without padding ids, so one inside the text costs it the sample.
  const auto pad = tokenizer.special().pad;
  if (options.policy == TextPolicy::kReference && pad) counted -= std::ranges::count(result.input_ids, *pad);
  if (end != counted && (!options.model_max_length || end < *options.model_max_length)) {
    ignore(0, size);
    result.labels_dropped = true;
  }
  result.instruct_ids =
      options.has_image ? tokenizer.encode(instruct_text(format, turns, options.policy)) : std::vector<int64_t>{0};
  return result;
}

TokenizedPrompt tokenize_for_answer(const Tokenizer& tokenizer, const ConversationTemplate& format,
                                    std::span<const Turn> turns, TextPolicy policy) {
  if (turns.empty() || turns.back().speaker != Speaker::kUser) {
    throw Error(
        {.who = "conversation", .expected = "a question at its end", .got = turns.empty() ? "nothing" : "an answer"});
  }
  for (const Turn& turn : turns) {
    if (turn.text.empty() && !turn.picture) {
      throw Error({.who = "conversation", .expected = "some text in every turn", .got = "an empty one"});
    }
  }
  const auto pictures = std::ranges::count_if(turns, &Turn::picture);
  const PromptText prompt = render(format, turns, /*open_end=*/true, policy);
  TokenizedPrompt result{.input_ids = tokenize_with_placeholders(tokenizer, prompt)};
  const auto size = static_cast<int64_t>(result.input_ids.size());
  result.labels.assign(result.input_ids.size(), kIgnoreLabel);
  if (const auto seam = seam_of(format, tokenizer)) {
    for (const Round& round : find_rounds(tokenizer, format, prompt, *seam)) {
      if (round.answer < 1 || round.answer > size) break;
      result.labels[static_cast<size_t>(round.answer) - 1] = kQuestionLabel;
    }
  }
  // The last question is asked at the very end, whatever the counting of rounds says.
  result.labels.back() = kQuestionLabel;
  result.instruct_ids = pictures > 0 ? tokenizer.encode(instruct_text(format, turns, policy)) : std::vector<int64_t>{0};
  return result;
}

}  // namespace fusion
