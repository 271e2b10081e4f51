#include "workflows/assembly/tokenizer_files.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "foundation/config/input_file.h"
#include "foundation/config/json_file.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "pipeline/preprocess/tokenizer_settings.h"

namespace fusion {

namespace {

using nlohmann::json;

constexpr const char* kModel = "tokenizer.model";
constexpr const char* kFast = "tokenizer.json";
constexpr const char* kTokenizerConfig = "tokenizer_config.json";
constexpr const char* kSpecialMap = "special_tokens_map.json";
constexpr const char* kAdded = "added_tokens.json";
constexpr const char* kWords = "vocab.json";
constexpr const char* kMerges = "merges.txt";
constexpr const char* kChatTemplate = "chat_template.jinja";

struct NewToken {
  std::string content;
  int64_t id;
};

/// Whether transformers has a class in Python for these files, which FUSION's use_fast=False then takes.
bool is_slow(const FileTexts& files) {
  return files.contains(kModel) || (files.contains(kWords) && files.contains(kMerges));
}

json flags_of(const NewToken& token) {
  return {
      {"content", token.content}, {"single_word", false}, {"lstrip", false}, {"rstrip", false}, {"normalized", false}};
}

json special_token(const NewToken& token) {
  json value = flags_of(token);
  value["special"] = true;
  return value;
}

/// The object in the file, or an empty one where there is no such file.
json object_in(const FileTexts& files, const char* name) {
  const auto found = files.find(name);
  if (found == files.end()) return json::object();
  json value = parse_json(found->second, name, {.max_bytes = kMaxTokenizerFile});
  if (!value.is_object()) throw Error({.who = name, .expected = "an object", .got = value.type_name()});
  return value;
}

void put(FileTexts& files, const char* name, const json& value) {
  files[name] = value.dump(2) + "\n";
}

/// Appends to the list under `key`, which null or nothing begins.
void append(json& object, const char* file, const char* key, json value) {
  json& list = object[key];
  if (list.is_null()) list = json::array();
  if (!list.is_array()) {
    throw Error({.who = cat(file, ": key '", key, "'"), .expected = "a list", .got = list.type_name()});
  }
  list.push_back(std::move(value));
}

bool has_decoder(const json& config) {
  const auto found = config.find("added_tokens_decoder");
  return found != config.end() && found->is_object();
}

void add_to_config(FileTexts& files, const std::vector<NewToken>& tokens, bool slow) {
  json config = object_in(files, kTokenizerConfig);
  // One that lists all added tokens stays complete; where there is none, a list of two would hide the older files.
  const bool listed = has_decoder(config);
  for (const NewToken& token : tokens) {
    if (listed) config["added_tokens_decoder"][std::to_string(token.id)] = special_token(token);
    if (slow) append(config, kTokenizerConfig, "additional_special_tokens", token.content);
  }
  put(files, kTokenizerConfig, config);
}

void add_to_older_files(FileTexts& files, const std::vector<NewToken>& tokens, bool slow) {
  if (slow) {
    json map = object_in(files, kSpecialMap);
    for (const NewToken& token : tokens) append(map, kSpecialMap, "additional_special_tokens", flags_of(token));
    put(files, kSpecialMap, map);
  }
  const bool needed = slow && !has_decoder(object_in(files, kTokenizerConfig));
  if (!needed && !files.contains(kAdded)) return;
  json added = object_in(files, kAdded);
  for (const NewToken& token : tokens) added[token.content] = token.id;
  put(files, kAdded, added);
}

void add_to_fast_file(FileTexts& files, const std::vector<NewToken>& tokens) {
  if (!files.contains(kFast)) return;
  json tokenizer = object_in(files, kFast);
  for (const NewToken& token : tokens) {
    json entry = special_token(token);
    entry["id"] = token.id;
    append(tokenizer, kFast, "added_tokens", std::move(entry));
  }
  put(files, kFast, tokenizer);
}

}  // namespace

std::vector<std::string> tokenizer_file_names() {
  return {kModel, kFast, kTokenizerConfig, kSpecialMap, kAdded, kWords, kMerges, kChatTemplate};
}

FileTexts read_tokenizer_files(const std::string& folder) {
  FileTexts files;
  for (const std::string& name : tokenizer_file_names()) {
    const std::string path = (std::filesystem::path(folder) / name).string();
    if (std::filesystem::exists(path)) files[name] = read_text_file(path, kMaxTokenizerFile);
  }
  return files;
}

std::vector<std::string> add_special_tokens(FileTexts& files, const Tokenizer& tokenizer,
                                            const std::vector<std::string>& tokens) {
  std::vector<NewToken> added;
  std::vector<std::string> names;
  for (const std::string& token : tokens) {
    if (tokenizer.token_id(token)) continue;
    added.push_back({.content = token, .id = tokenizer.vocab_size() + static_cast<int64_t>(added.size())});
    names.push_back(token);
  }
  if (added.empty()) return names;
  const bool slow = is_slow(files);
  add_to_config(files, added, slow);
  add_to_older_files(files, added, slow);
  add_to_fast_file(files, added);
  return names;
}

void set_tokenizer_limits(FileTexts& files, int64_t max_length) {
  json config = object_in(files, kTokenizerConfig);
  config["model_max_length"] = max_length;
  config["padding_side"] = "right";
  if (!config.contains("tokenizer_class")) {
    config["tokenizer_class"] = files.contains(kModel) ? "LlamaTokenizer" : "PreTrainedTokenizerFast";
  }
  put(files, kTokenizerConfig, config);
}

}  // namespace fusion
