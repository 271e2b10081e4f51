#include "pipeline/preprocess/tokenizer_settings.h"

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "foundation/config/json_file.h"
#include "foundation/config/json_object.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

using nlohmann::json;

std::optional<json> read_if_there(const std::string& path) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  return read_json_file(path);
}

AddedToken check_content(AddedToken token, const std::string& who) {
  if (token.content.empty() || token.content.size() > kMaxTokenBytes) {
    throw Error({.who = who,
                 .expected = cat("a token of 1 to ", kMaxTokenBytes, " bytes"),
                 .got = cat(token.content.size(), " bytes")});
  }
  return token;
}

/// A token of the special map: a string, or an object with its flags.
AddedToken read_role_token(const json& value, const std::string& who) {
  if (value.is_object()) {
    AddedToken token = read_added_token(value, who, 0);
    token.special = true;
    return token;
  }
  if (!value.is_string()) {
    throw Error({.who = who, .expected = "a token as string or object", .got = value.type_name()});
  }
  return check_content({.content = value.get<std::string>(), .special = true}, who);
}

void read_roles(const json& map, const std::string& file, TokenizerSettings& settings) {
  const JsonObject object(map, file);
  for (size_t i = 0; i < kTokenRoles.size(); ++i) {
    const json* value = object.find(kTokenRoles[i]);
    if (value != nullptr && !value->is_null()) {
      settings.roles[i] = read_role_token(*value, object.who(kTokenRoles[i]));
    }
  }
  const json* additional = object.find("additional_special_tokens");
  if (additional == nullptr || additional->is_null()) return;
  const std::string who = object.who("additional_special_tokens");
  if (!additional->is_array()) throw Error({.who = who, .expected = "a list", .got = additional->type_name()});
  for (const json& value : *additional) {
    AddedToken token = read_role_token(value, who);
    if (std::ranges::find(settings.additional, token.content, &AddedToken::content) == settings.additional.end()) {
      settings.additional.push_back(std::move(token));
    }
  }
}

int64_t parse_id(const std::string& text, const std::string& who) {
  int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size() || id < 0 || id >= kMaxVocabulary) {
    throw Error({.who = who, .expected = cat("ids from 0 to ", kMaxVocabulary - 1), .got = printable(text)});
  }
  return id;
}

void read_decoder(const json& decoder, const std::string& who, TokenizerSettings& settings) {
  if (!decoder.is_object()) throw Error({.who = who, .expected = "an object", .got = decoder.type_name()});
  for (const auto& [id, value] : decoder.items()) {
    settings.added.push_back(read_added_token(value, cat(who, ".", id), parse_id(id, who)));
  }
}

void read_added_tokens_file(const json& tokens, const std::string& file, TokenizerSettings& settings) {
  const JsonObject object(tokens, file);
  const std::vector<AddedToken> special = settings.all_special();
  for (const auto& [content, id] : tokens.items()) {
    const bool is_special = std::ranges::find(special, content, &AddedToken::content) != special.end();
    settings.added.push_back(check_content({.id = object.required_in_range(content, 0, kMaxVocabulary - 1),
                                            .content = content,
                                            .normalized = !is_special,
                                            .special = is_special},
                                           file));
  }
}

}  // namespace

AddedToken read_added_token(const json& value, const std::string& who, int64_t id) {
  const JsonObject object(value, who);
  return check_content({.id = id,
                        .content = object.required<std::string>("content"),
                        .single_word = object.optional<bool>("single_word").value_or(false),
                        .lstrip = object.optional<bool>("lstrip").value_or(false),
                        .rstrip = object.optional<bool>("rstrip").value_or(false),
                        .normalized = object.optional<bool>("normalized").value_or(false),
                        .special = object.optional<bool>("special").value_or(false)},
                       who);
}

std::vector<AddedToken> TokenizerSettings::all_special() const {
  std::vector<AddedToken> all;
  for (const auto& token : roles) {
    if (token) all.push_back(*token);
  }
  all.insert(all.end(), additional.begin(), additional.end());
  return all;
}

const std::optional<AddedToken>& TokenizerSettings::role(std::string_view name) const {
  return roles[static_cast<size_t>(std::ranges::find(kTokenRoles, name) - kTokenRoles.begin())];
}

TokenizerSettings read_tokenizer_settings(const std::string& folder) {
  TokenizerSettings settings;
  const std::string config_file = folder + "/tokenizer_config.json";
  settings.who = config_file;
  if (const auto config = read_if_there(config_file)) {
    const JsonObject object(*config, config_file);
    settings.tokenizer_class = object.optional<std::string>("tokenizer_class").value_or("");
    settings.legacy = object.optional<bool>("legacy");
    settings.add_bos = object.optional<bool>("add_bos_token");
    settings.add_eos = object.optional<bool>("add_eos_token");
    settings.add_prefix_space = object.optional<bool>("add_prefix_space");
    settings.clean_up_spaces = object.optional<bool>("clean_up_tokenization_spaces");
    if (object.optional<bool>("split_special_tokens").value_or(false)) {
      throw Error({.who = object.who("split_special_tokens"), .expected = "false", .got = "true"});
    }
    read_roles(*config, config_file, settings);
    const json* decoder = object.find("added_tokens_decoder");
    settings.added_is_complete = decoder != nullptr && !decoder->is_null();
    if (settings.added_is_complete) read_decoder(*decoder, object.who("added_tokens_decoder"), settings);
  }
  // transformers reads the two older files only where the config has no added_tokens_decoder.
  if (!settings.added_is_complete) {
    const std::string map_file = folder + "/special_tokens_map.json";
    if (const auto map = read_if_there(map_file)) read_roles(*map, map_file, settings);
    const std::string added_file = folder + "/added_tokens.json";
    if (const auto added = read_if_there(added_file)) read_added_tokens_file(*added, added_file, settings);
  }
  std::ranges::sort(settings.added, {}, &AddedToken::id);
  return settings;
}

}  // namespace fusion
