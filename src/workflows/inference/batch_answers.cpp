#include "workflows/inference/batch_answers.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "foundation/config/json_file.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

using nlohmann::json;

constexpr size_t kMaxLine = size_t{16} << 20;
constexpr uint64_t kMaxPendingBytes = uint64_t{1} << 30;  // decoded pictures that wait for their batch to be full

/// A question and the record it came from.
struct Item {
  json record;  // with its "line"
  Question question;
};

/// A text under `key`; throws Error where there is none.
std::string text_of(const json& object, const char* key) {
  const auto value = object.find(key);
  if (value != object.end() && value->is_string()) return value->get<std::string>();
  throw Error({.who = cat("\"", key, "\""),
               .expected = "a text",
               .got = value == object.end() ? "nothing" : std::string(value->type_name())});
}

std::vector<std::string> picture_paths(const json& record) {
  const auto image = record.find("image");
  if (image == record.end() || image->is_null()) return {};
  if (!image->is_array()) return {text_of(record, "image")};
  std::vector<std::string> paths;
  for (const json& path : *image) {
    if (!path.is_string()) {
      throw Error({.who = "\"image\"", .expected = "paths of pictures", .got = std::string(path.type_name())});
    }
    paths.push_back(path.get<std::string>());
  }
  return paths;
}

std::vector<Turn> turns_of(const json& record, bool has_picture) {
  const auto conversations = record.find("conversations");
  if (conversations == record.end()) return single_question(text_of(record, "question"), has_picture);
  if (!conversations->is_array()) {
    throw Error({.who = "\"conversations\"", .expected = "a list", .got = std::string(conversations->type_name())});
  }
  std::vector<DatasetMessage> messages;
  for (const json& message : *conversations) {
    messages.push_back({.from = text_of(message, "from"), .value = text_of(message, "value")});
  }
  return turns_of_sample(messages, has_picture);
}

Question question_of(const json& record, const BatchOptions& options) {
  const std::vector<std::string> paths = picture_paths(record);
  Question question = options.blank;
  question.turns = turns_of(record, !paths.empty());
  for (const std::string& path : paths) {
    const auto whole = std::filesystem::path(options.picture_folder) / path;
    question.pictures.push_back(std::make_shared<Picture>(load_picture(whole.string(), options.decode)));
  }
  return question;
}

json parsed(const std::string& text) {
  json record = parse_json(text, "the line", {.max_bytes = kMaxLine});
  if (record.is_object()) return record;
  throw Error({.who = "the line", .expected = "a JSON object", .got = std::string(record.type_name())});
}

/// One run over the lines.
class BatchRun {
 public:
  BatchRun(const Assistant& assistant, AnswerLog& log, const BatchOptions& options, const AnswerListener& listener,
           const std::function<void()>& on_line)
      : assistant_(assistant), log_(log), options_(options), on_line_(on_line) {
    quiet_.cancelled = listener.cancelled;
    quiet_.on_progress = listener.on_progress;
  }

  BatchReport over(std::istream& lines) {
    std::vector<char> buffer(kMaxLine);
    for (uint64_t number = 1; !report_.cancelled && lines.getline(buffer.data(), kMaxLine); ++number) {
      if (quiet_.cancelled && quiet_.cancelled()) {
        report_.cancelled = true;
        break;
      }
      const auto length = static_cast<size_t>(lines.gcount()) - (lines.eof() ? 0 : 1);
      take(number, {buffer.data(), length});
      if (std::ssize(items_) >= options_.batch_size || pending_bytes_ > kMaxPendingBytes) answer_items();
    }
    if (!report_.cancelled && !lines.eof()) {
      throw Error(
          {.who = "the input", .expected = cat("lines of at most ", kMaxLine, " bytes"), .got = "a longer one"});
    }
    answer_items();
    return report_;
  }

 private:
  void take(uint64_t number, const std::string& text) {
    if (text.find_first_not_of(" \t\r") == std::string::npos) return;
    if (log_.holds(number)) {
      ++report_.skipped;
      if (on_line_) on_line_();
      return;
    }
    Item item{.record = {{"line", number}}, .question = {}};
    try {
      item.record.update(parsed(text));
      item.record["line"] = number;
      item.question = question_of(item.record, options_);
      for (const auto& picture : item.question.pictures) pending_bytes_ += picture->pixels.size();
      items_.push_back(std::move(item));
    } catch (const Error& error) {
      fail(std::move(item), error);
    }
  }

  void answer_items() {
    if (items_.empty() || report_.cancelled) return;
    std::vector<Item> items = std::exchange(items_, {});
    pending_bytes_ = 0;
    std::vector<Question> questions;
    for (Item& item : items) questions.push_back(std::move(item.question));
    std::vector<Answer> answers;
    try {
      answers = assistant_.answer_all(questions, quiet_);
    } catch (const Error& error) {
      assistant_.require_unchanged();
      if (items.size() == 1) return fail(std::move(items[0]), error);
      // One of them is at fault, and the others are to have their answers.
      for (size_t i = 0; i < items.size(); ++i) {
        items[i].question = std::move(questions[i]);
        items_ = {};
        items_.push_back(std::move(items[i]));
        answer_items();
      }
      return;
    }
    note(std::move(items), answers);
  }

  void note(std::vector<Item> items, const std::vector<Answer>& answers) {
    for (size_t i = 0; i < items.size(); ++i) {
      const GenerationResult& result = answers[i].generation;
      if (result.stop_reason == StopReason::kCancelled) {
        report_.cancelled = true;
        continue;
      }
      json& record = items[i].record;
      record["answer"] = answers[i].text;
      record["stop"] = stop_name(result.stop_reason);
      record["prompt_positions"] = result.prompt_length;
      record["new_tokens"] = result.ids.size();
      log_.append(record);
      ++report_.answered;
      if (on_line_) on_line_();
    }
  }

  void fail(Item item, const Error& error) {
    item.record["error"] = error.what();
    log_.append(item.record);
    ++report_.failed;
    if (on_line_) on_line_();
  }

  const Assistant& assistant_;
  AnswerLog& log_;
  const BatchOptions& options_;
  const std::function<void()>& on_line_;
  AnswerListener quiet_;
  std::vector<Item> items_;
  uint64_t pending_bytes_ = 0;  // of their pictures
  BatchReport report_;
};

}  // namespace

BatchReport answer_lines(const Assistant& assistant, std::istream& lines, AnswerLog& log, const BatchOptions& options,
                         const AnswerListener& listener, const std::function<void()>& on_line) {
  return BatchRun(assistant, log, options, listener, on_line).over(lines);
}

}  // namespace fusion
