#include "workflows/datasets/sample.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

/// Questions and answers in pairs, with words or a picture in each.
/// \param dropped  messages before the first of these
void require_rounds(const std::vector<Turn>& turns, size_t dropped) {
  if (turns.empty() || turns.size() % 2 == 1) {
    throw Error({.who = "conversations",
                 .expected = "an answer of gpt to every message of human",
                 .got = turns.empty()       ? "a message of gpt alone"
                        : turns.size() == 1 ? "a message of human alone"
                                            : "a message of human at the end"});
  }
  for (size_t i = 0; i < turns.size(); ++i) {
    if (!turns[i].text.empty() || turns[i].picture) continue;
    throw Error({.who = cat("message ", dropped + i + 1),
                 .expected = "words",
                 .got = cat("an empty value, of ", i % 2 == 0 ? "human" : "gpt")});
  }
}

/// The picture's place in the words: the model puts one picture in, where the mark stands.
void require_one_mark(const std::vector<Turn>& turns) {
  const auto marks = std::ranges::count_if(turns, &Turn::picture);
  if (marks == 1) return;
  throw Error({.who = "conversations",
               .expected = cat("one message with ", kImageMark, ", for the record has an image"),
               .got = marks == 0 ? "none" : cat(marks, " of them")});
}

/// Runs `read` on the record; an Error of it that does not say so itself says where the record stands.
template <class Read>
auto with_place(const Mixture& mixture, int64_t index, const Read& read) {
  const Record record = mixture.record(index);  // its Errors name the place
  try {
    return read(record);
  } catch (const Error& error) {
    ErrorParts parts = error.parts();
    parts.who = cat(mixture.describe(index), ": ", parts.who);
    throw Error(std::move(parts));
  }
}

}  // namespace

SampleOptions sample_options(const FusionConfig& config, std::optional<int64_t> max_length) {
  return {.tile_size = config.vision.image_size,
          .mean = config.vision.image_mean,
          .std = config.vision.image_std,
          .max_length = max_length.value_or(config.max_length)};
}

SampleReader::SampleReader(std::shared_ptr<const Mixture> mixture, const Tokenizer& tokenizer,
                           const ConversationTemplate& format, const SampleOptions& options)
    : mixture_(std::move(mixture)), tokenizer_(tokenizer), format_(format), options_(options) {
  if (options.max_length < 1) {
    throw Error({.who = "max_length", .expected = "a number of tokens above 0", .got = cat(options.max_length)});
  }
  const std::vector<Turn> probe = {{.speaker = Speaker::kUser, .text = "?"},
                                   {.speaker = Speaker::kAssistant, .text = "!"}};
  tokenize_for_training(tokenizer, format, probe, {});
}

TokenizedPrompt SampleReader::tokenize(const Record& record) const {
  const bool has_image = record.image.has_value();
  const std::vector<Turn> turns = turns_of_sample(record.messages, has_image);
  require_rounds(turns, record.messages.size() - turns.size());
  if (has_image) require_one_mark(turns);
  TokenizedPrompt prompt = tokenize_for_training(tokenizer_, format_, turns, {.has_image = has_image});
  if (prompt.labels_dropped) {
    throw Error({.who = "conversations",
                 .expected = "rounds whose tokens add up to the whole conversation",
                 .got = "others, so that no label would be left",
                 .cause = "the tokenizer joins a message with what stands beside it"});
  }
  const auto length = std::min(prompt.input_ids.size(), static_cast<size_t>(options_.max_length));
  prompt.input_ids.resize(length);
  prompt.labels.resize(length);
  return prompt;
}

Sample SampleReader::read(int64_t index) const {
  return with_place(*mixture_, index, [this](const Record& record) {
    Sample sample{.id = record.id, .prompt = tokenize(record)};
    if (record.image) {
      sample.tiles = make_tiles(load_picture(mixture_->picture_path(record), options_.decode), options_.tiles());
    }
    return sample;
  });
}

TokenizedPrompt SampleReader::read_prompt(int64_t index) const {
  return with_place(*mixture_, index, [this](const Record& record) {
    TokenizedPrompt prompt = tokenize(record);
    if (record.image) load_picture(mixture_->picture_path(record), options_.decode);
    return prompt;
  });
}

TokenizedPrompt SampleReader::read_words(int64_t index) const {
  return with_place(*mixture_, index, [this](const Record& record) { return tokenize(record); });
}

}  // namespace fusion
