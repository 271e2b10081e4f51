#include <algorithm>
#include <filesystem>
#include <optional>

#include "foundation/config/json_file.h"
#include "foundation/config/json_object.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "pipeline/preprocess/conversation.h"
#include "pipeline/preprocess/prompt.h"
#include "pipeline/preprocess/tokenizer.h"
#include "workflows/parity/preprocess_cases.h"

namespace fusion {

namespace {

/// [["question", "answer" or null], ...] as turns. Picture marks stand in the texts already.
std::vector<Turn> turns_said(const JsonObject& entry) {
  const nlohmann::json* said = entry.find("said");
  if (said == nullptr || !said->is_array()) {
    throw Error({.who = entry.who("said"), .expected = "a list of [question, answer]", .got = "something else"});
  }
  std::vector<Turn> turns;
  for (const nlohmann::json& round : *said) {
    if (!round.is_array() || round.size() != 2 || !round[0].is_string()) {
      throw Error({.who = entry.who("said"), .expected = "pairs [question, answer]", .got = printable(round.dump())});
    }
    turns.push_back({.speaker = Speaker::kUser, .text = round[0].get<std::string>()});
    if (round[1].is_string()) turns.push_back({.speaker = Speaker::kAssistant, .text = round[1].get<std::string>()});
  }
  return turns;
}

/// The template object gives the texts as they are; what enters the tower has the picture marks removed.
std::string without_picture_marks(std::string text) {
  for (const std::string_view mark : {kVisionStart, kImageMark, kVisionEnd}) {
    for (size_t at = text.find(mark); at != std::string::npos; at = text.find(mark)) text.erase(at, mark.size());
  }
  const auto first = text.find_first_not_of(" \t\n");
  const auto last = text.find_last_not_of(" \t\n");
  return first == std::string::npos ? "" : text.substr(first, last - first + 1);
}

class TokenizerCases {
 public:
  explicit TokenizerCases(const std::string& folder) : tokenizer_(load_tokenizer(folder)) {}

  void check_text(const JsonObject& entry, const std::string& name) {
    const auto ids = entry.required<std::vector<int64_t>>("ids");
    add(equal_ids(name + ".ids", tokenizer_->encode(entry.required<std::string>("text")), ids));
    add(equal_text(name + ".decoded", tokenizer_->decode(ids, /*skip_special=*/false),
                   entry.required<std::string>("decoded")));
    add(equal_text(name + ".decoded_skip", tokenizer_->decode(ids, /*skip_special=*/true),
                   entry.required<std::string>("decoded_skip")));
  }

  void check_placeholders(const JsonObject& entry, const std::string& name) {
    add(equal_ids(name + ".ids", tokenize_with_placeholders(*tokenizer_, entry.required<std::string>("prompt")),
                  entry.required<std::vector<int64_t>>("ids")));
  }

  void check_training(const JsonObject& entry, const std::string& name, const ConversationTemplate& format) {
    const bool has_image = entry.required<bool>("has_image");
    std::vector<DatasetMessage> messages;
    for_each_object(entry, "conversations", [&](const JsonObject& message, const std::string&) {
      messages.push_back(
          {.from = message.required<std::string>("from"), .value = message.required<std::string>("value")});
    });
    const auto turns = turns_of_sample(messages, has_image);
    const auto prompt =
        tokenize_for_training(*tokenizer_, format, turns, {.has_image = has_image, .policy = TextPolicy::kReference});
    add(equal_ids(name + ".input_ids", prompt.input_ids, entry.required<std::vector<int64_t>>("input_ids")));
    add(equal_ids(name + ".labels", prompt.labels, entry.required<std::vector<int64_t>>("labels")));
    add(equal_ids(name + ".instructs", prompt.instruct_ids, entry.required<std::vector<int64_t>>("instructs")));
  }

  void check_special(const JsonObject& meta) {
    const auto check = [&](const char* key, std::optional<int64_t> got) {
      if (const auto expected = meta.optional<int64_t>(key)) {
        add(equal_ids(cat("meta.", key), {got.value_or(-1)}, {*expected}));
      }
    };
    check("len", tokenizer_->vocab_size());
    check("bos", tokenizer_->special().bos);
    check("eos", tokenizer_->special().eos);
    check("pad", tokenizer_->special().pad);
    check("unk", tokenizer_->special().unk);
    check("vision_start", tokenizer_->token_id(kVisionStart));
    check("vision_end", tokenizer_->token_id(kVisionEnd));
  }

  std::vector<StageCheck> take() { return std::move(checks_); }

 private:
  void add(StageCheck check) { checks_.push_back(std::move(check)); }

  std::unique_ptr<Tokenizer> tokenizer_;
  std::vector<StageCheck> checks_;
};

}  // namespace

std::vector<StageCheck> check_prompts(const std::string& folder) {
  const std::string path = (std::filesystem::path(folder) / "prompts.json").string();
  const nlohmann::json list = read_json_file(path);
  std::vector<StageCheck> checks;
  for_each_object(list, path, "prompt", [&](const JsonObject& entry, const std::string& name) {
    const ConversationTemplate& format = find_template(entry.required<std::string>("template"));
    const auto turns = turns_said(entry);
    checks.push_back(equal_text(name + ".prompt",
                                render(format, turns, entry.required<bool>("open_end"), TextPolicy::kReference).text(),
                                entry.required<std::string>("prompt")));
    checks.push_back(equal_text(name + ".instruct_text", instruct_text(format, turns, TextPolicy::kReference).text(),
                                without_picture_marks(entry.required<std::string>("instruct_text"))));
    if (const auto stop = entry.optional<std::string>("stop")) {
      checks.push_back(equal_text(name + ".stop", std::string(format.stop()), *stop));
    }
  });
  return checks;
}

std::vector<StageCheck> check_tokenizer(const std::string& folder) {
  const std::string path = (std::filesystem::path(folder) / "golden.json").string();
  const nlohmann::json json = read_json_file(path);
  const JsonObject golden(json, path);
  const JsonObject meta = golden.object("meta");
  const ConversationTemplate& format = find_template(meta.required<std::string>("version"));

  TokenizerCases cases(folder);
  cases.check_special(meta);
  const auto each = [&](const char* key, auto check) {
    if (golden.find(key) != nullptr) for_each_object(golden, key, check);
  };
  each("encode", [&](const JsonObject& entry, const std::string& name) { cases.check_text(entry, name); });
  each("image_token", [&](const JsonObject& entry, const std::string& name) { cases.check_placeholders(entry, name); });
  each("training",
       [&](const JsonObject& entry, const std::string& name) { cases.check_training(entry, name, format); });
  return cases.take();
}

}  // namespace fusion
