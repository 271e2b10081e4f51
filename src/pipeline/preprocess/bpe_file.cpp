#include "pipeline/preprocess/bpe_file.h"

#include <algorithm>
#include <utility>

#include "foundation/config/json_file.h"
#include "foundation/config/json_object.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "pipeline/preprocess/pretokenizer_regex.h"
#include "pipeline/preprocess/tokenizer_utf8.h"

namespace fusion {

namespace {

using nlohmann::json;

[[noreturn]] void refuse(const std::string& who, std::string expected, std::string_view got) {
  throw Error(
      {.who = who,
       .expected = std::move(expected),
       .got = printable(got),
       .hint = "only byte-level BPE is supported in a tokenizer.json; SentencePiece models come as tokenizer.model"});
}

const json& list_at(const JsonObject& object, std::string_view key) {
  const json* list = object.find(key);
  if (list == nullptr || !list->is_array()) refuse(object.who(key), "a list", "none");
  return *list;
}

/// Normalizers would change the text: none, or an empty sequence.
void check_normalizer(const JsonObject& file) {
  const json* value = file.find("normalizer");
  if (value == nullptr || value->is_null()) return;
  const JsonObject object(*value, file.file(), "normalizer");
  const auto type = object.required<std::string>("type");
  if (type != "Sequence" || !list_at(object, "normalizers").empty()) refuse(object.who("type"), "no normalizer", type);
}

void check_decoder(const JsonObject& file) {
  const JsonObject object = file.object("decoder");
  const auto type = object.required<std::string>("type");
  if (type != "ByteLevel") refuse(object.who("type"), "ByteLevel", type);
}

/// The ids before and after the text, from TemplateProcessing's `single`.
void read_template(const JsonObject& object, BpeParts& parts) {
  const JsonObject tokens = object.object("special_tokens");
  bool after = false;
  for (const json& item : list_at(object, "single")) {
    const JsonObject entry(item, object.who("single"));
    if (entry.find("Sequence") != nullptr) {
      if (std::exchange(after, true)) refuse(object.who("single"), "one sequence", "two");
      continue;
    }
    const auto name = entry.object("SpecialToken").required<std::string>("id");
    const auto ids = tokens.object(name).required<std::vector<int64_t>>("ids");
    auto& side = after ? parts.suffix : parts.prefix;
    side.insert(side.end(), ids.begin(), ids.end());
  }
}

void read_post_processor(const json* value, const std::string& file, BpeParts& parts) {
  if (value == nullptr || value->is_null()) return;
  const JsonObject object(*value, file, "post_processor");
  const auto type = object.required<std::string>("type");
  if (type == "Sequence") {
    for (const json& processor : list_at(object, "processors")) read_post_processor(&processor, file, parts);
  } else if (type == "TemplateProcessing") {
    read_template(object, parts);
  } else if (type != "ByteLevel") {
    refuse(object.who("type"), "ByteLevel, TemplateProcessing or Sequence", type);
  }
}

/// LlamaTokenizerFast writes its own template from the config's flags; other classes keep the file's.
void apply_llama_flags(const TokenizerSettings& settings, BpeParts& parts) {
  if (!settings.tokenizer_class.starts_with("LlamaTokenizer")) return;
  const SpecialIds special = parts.vocabulary.special_ids(settings);
  parts.prefix.clear();
  parts.suffix.clear();
  if (settings.add_bos.value_or(true) && special.bos) parts.prefix = {*special.bos};
  if (settings.add_eos.value_or(false) && special.eos) parts.suffix = {*special.eos};
}

void read_added_tokens(const JsonObject& file, const TokenizerSettings& settings, BpeParts& parts) {
  TokenizerVocabulary& vocabulary = parts.vocabulary;
  if (const json* list = file.find("added_tokens"); list != nullptr && !list->is_null()) {
    for (const json& item : list_at(file, "added_tokens")) {
      const JsonObject object(item, file.who("added_tokens"));
      const int64_t id = object.required_in_range("id", 0, kMaxVocabulary - 1);
      vocabulary.add_added(read_added_token(item, file.who("added_tokens"), id));
    }
  }
  for (const AddedToken& token : settings.added) {
    if (settings.added_is_complete || vocabulary.added_with_name(token.content) == nullptr) vocabulary.add_added(token);
  }
  for (const AddedToken& token : settings.all_special()) {
    if (vocabulary.added_with_name(token.content) == nullptr) vocabulary.add_with_any_id(token);
  }
  vocabulary.check_complete();
}

/// Whether the character that `text` begins with belongs to a word (\w of Rust's regex).
bool is_word(std::string_view text) {
  const Regex word(R"(\A[\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}\x{200c}\x{200d}])", "word");
  return Regex::Searcher(word).find(text.substr(0, utf8_front(text).length), 0).has_value();
}

}  // namespace

std::vector<AddedToken> BpeParts::added_tokens(bool normalized) const {
  std::vector<AddedToken> tokens;
  std::ranges::copy_if(vocabulary.added(), std::back_inserter(tokens),
                       [&](const AddedToken& token) { return token.normalized == normalized; });
  return tokens;
}

BpeParts read_bpe_parts(std::string_view json_text, const std::string& who, const TokenizerSettings& settings) {
  const json value = parse_json(json_text, who, {.max_bytes = kMaxTokenizerFile});
  const JsonObject file(value, who);
  BpeParts parts{.vocabulary = TokenizerVocabulary(who)};
  check_normalizer(file);
  check_decoder(file);
  const json* model = file.find("model");
  const json* pretokenizer = file.find("pre_tokenizer");
  if (model == nullptr || !model->is_object()) refuse(file.who("model"), "an object", "none");
  if (pretokenizer == nullptr || !pretokenizer->is_object()) refuse(file.who("pre_tokenizer"), "an object", "none");
  parts.pretokenizer = std::make_unique<Pretokenizer>(*pretokenizer, cat(who, ": pre_tokenizer"));
  parts.model = std::make_unique<BpeModel>(*model, cat(who, ": model"), parts.vocabulary);
  read_added_tokens(file, settings, parts);
  read_post_processor(file.find("post_processor"), who, parts);
  apply_llama_flags(settings, parts);
  for (const auto& side : {parts.prefix, parts.suffix}) {
    for (const int64_t id : side) {
      if (!parts.vocabulary.has(id)) refuse(file.who("post_processor"), "ids of the vocabulary", cat(id));
    }
  }
  const int64_t size = parts.vocabulary.size();
  parts.bytes.reserve(static_cast<size_t>(size));
  for (int64_t id = 0; id < size; ++id) {
    const std::string& name = parts.vocabulary.name(id);
    parts.bytes.push_back(byte_level_bytes(name).value_or(name));
  }
  parts.is_special.resize(static_cast<size_t>(size), false);
  for (const AddedToken& token : parts.vocabulary.added()) {
    if (!token.special) continue;
    parts.is_special[static_cast<size_t>(token.id)] = true;
    parts.model->forbid(token.id);
  }
  return parts;
}

std::vector<TextFragment> FastTokenCutter::cut(const PromptText& text, size_t begin, size_t end) const {
  const std::string_view bytes = text.text();
  std::vector<TextFragment> fragments;
  size_t done = begin;
  for (auto match : matcher_.find_all(text, begin, end)) {
    const AddedToken& token = tokens_[match.token];
    const std::string_view before = bytes.substr(begin, match.begin - begin);
    const std::string_view after = bytes.substr(match.end, end - match.end);
    if (token.single_word) {
      const bool in_word = (!before.empty() && is_word(utf8_back(before))) || (!after.empty() && is_word(after));
      if (in_word) continue;
    }
    if (token.lstrip) match.begin = std::max(match.begin - trailing_space(before, SpaceRule::kUnicode), done);
    if (token.rstrip) match.end += leading_space(after, SpaceRule::kUnicode);
    if (done < match.begin) fragments.push_back({.begin = done, .end = match.begin});
    fragments.push_back({.begin = match.begin, .end = match.end, .token = token.id});
    done = match.end;
  }
  if (done < end) fragments.push_back({.begin = done, .end = end});
  return fragments;
}

}  // namespace fusion
