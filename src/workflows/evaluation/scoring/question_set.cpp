#include "workflows/evaluation/scoring/question_set.h"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "foundation/config/input_file.h"
#include "foundation/config/json_file.h"
#include "foundation/config/json_object.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "workflows/evaluation/scoring/answer_match.h"

namespace fusion {

namespace {

constexpr std::string_view kMark = "<image>";
constexpr uint64_t kMaxFile = uint64_t{1} << 30;

std::string question_text(std::string text) {
  for (size_t at = text.find(kMark); at != std::string::npos; at = text.find(kMark)) text.erase(at, kMark.size());
  const size_t begin = text.find_first_not_of(" \t\r\n");
  return begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

std::vector<std::string> messages_of(const JsonObject& record, std::string_view from) {
  std::vector<std::string> values;
  const nlohmann::json* list = record.find("conversations");
  if (list == nullptr || !list->is_array() || list->empty() || list->size() % 2 != 0) {
    throw Error(
        {.who = record.who("conversations"), .expected = "questions, each with an answer", .got = "something else"});
  }
  for (size_t i = 0; i < list->size(); ++i) {
    const JsonObject message((*list)[i], record.file(), cat("conversations[", i, "]"));
    const auto speaker = message.required<std::string>("from");
    if (speaker != (i % 2 == 0 ? "human" : "gpt")) {
      throw Error(
          {.who = message.who("from"), .expected = "human and gpt in turn", .got = cat("'", printable(speaker), "'")});
    }
    if (speaker == from) values.push_back(message.required<std::string>("value"));
  }
  return values;
}

void add_record(const nlohmann::json& json, const std::string& where, std::vector<ExamQuestion>& questions) {
  const JsonObject record(json, where);
  const auto asked = messages_of(record, "human");
  const auto answers = messages_of(record, "gpt");
  const auto truths = record.optional<std::vector<std::string>>("truth");
  if (truths && truths->size() != asked.size()) {
    throw Error({.who = record.who("truth"),
                 .expected = cat(asked.size(), " answers, one for each question"),
                 .got = cat(truths->size())});
  }
  const auto id = record.optional<std::string>("id").value_or(where);
  const auto kind = record.optional<std::string>("kind").value_or("all");
  const auto image = record.required<std::string>("image");
  for (size_t i = 0; i < asked.size(); ++i) {
    const std::string& truth = truths ? (*truths)[i] : answers[i];
    if (truth.empty()) continue;
    questions.push_back({.id = cat(id, "/", i + 1),
                         .kind = kind,
                         .image = image,
                         .question = question_text(asked[i]),
                         .answer = answers[i],
                         .truth = truth});
  }
}

/// Answers and how often they are given.
class Tally {
 public:
  void add(const std::string& answer) { ++counts_[answer]; }
  /// The first of them by the alphabet.
  std::optional<std::string> most_frequent() const {
    const auto best = std::ranges::max_element(counts_, {}, [](const auto& entry) { return entry.second; });
    return best == counts_.end() ? std::nullopt : std::optional(best->first);
  }

 private:
  std::map<std::string, int64_t> counts_;
};

/// What half of the questions teaches about the other.
struct Lessons {
  std::map<std::string, Tally> by_words;
  std::map<std::string, Tally> by_kind;
};

std::string words_of(const ExamQuestion& question) {
  return cat(question.kind, "/", question.question);
}

}  // namespace

bool ExamQuestion::is_answered_by(std::string_view text) const {
  return same_answer(text, truth) || same_answer(text, answer);
}

std::vector<ExamQuestion> read_question_set(const std::string& path) {
  const std::string text = read_text_file(path, kMaxFile);
  std::vector<ExamQuestion> questions;
  int64_t line = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view record = std::string_view(text).substr(at, end - at);
    at = end + 1;
    ++line;
    if (record.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const std::string where = cat(path, ":", line);
    add_record(parse_json(record, where), where, questions);
  }
  if (questions.empty()) {
    throw Error({.who = path, .expected = "questions that have one right answer", .got = "none"});
  }
  return questions;
}

std::vector<bool> guess_without_picture(std::span<const ExamQuestion> questions) {
  std::array<Lessons, 2> halves;
  std::vector<std::string> truths;
  for (size_t i = 0; i < questions.size(); ++i) {
    truths.push_back(normalised_answer(questions[i].truth));
    halves[i % 2].by_words[words_of(questions[i])].add(truths[i]);
    halves[i % 2].by_kind[questions[i].kind].add(truths[i]);
  }
  std::vector<bool> right;
  for (size_t i = 0; i < questions.size(); ++i) {
    Lessons& other = halves[(i + 1) % 2];
    auto guess = other.by_words[words_of(questions[i])].most_frequent();
    if (!guess) guess = other.by_kind[questions[i].kind].most_frequent();
    right.push_back(guess == truths[i]);
  }
  return right;
}

}  // namespace fusion
