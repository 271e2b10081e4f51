#include "pipeline/preprocess/chat_template.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "foundation/config/input_file.h"
#include "foundation/config/json_file.h"
#include "foundation/config/json_object.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "pipeline/preprocess/conversation_templates.h"

namespace fusion {

namespace {

constexpr uint64_t kMaxTemplateBytes = uint64_t{1} << 20;

[[noreturn]] void refuse(const std::string& who, std::string got) {
  std::vector<std::string_view> names;
  for (const ConversationTemplate& format : chat_formats()) names.push_back(format.name);
  throw Error({.who = who,
               .expected = "a chat template of the form of ChatML, LLaMA-3 or Phi-3",
               .got = std::move(got),
               .hint = cat("choose a template yourself: ", join(names, ", "))});
}

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// The system message that stands in a ChatML template as plain text; "" where it has none. Between quotes of Jinja the
/// line break is two characters.
std::string chatml_system(std::string_view jinja) {
  constexpr std::string_view kEnd = "<|im_end|>";
  for (const std::string_view header : {"<|im_start|>system\n", "<|im_start|>system\\n"}) {
    for (size_t at = jinja.find(header); at != std::string_view::npos; at = jinja.find(header, at + 1)) {
      const std::string_view rest = jinja.substr(at + header.size());
      const std::string_view said = rest.substr(0, rest.find(kEnd));
      // Quotes and braces: the message is put together from others.
      const bool plain = said.size() < rest.size() && said.find_first_of("'\"{}\\") == std::string_view::npos;
      if (plain && !said.empty()) return std::string(said);
    }
  }
  return "";
}

/// The `default` one of a list of named templates, or the only one.
std::optional<std::string> template_of(const nlohmann::json& value, const std::string& who) {
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_array()) throw Error({.who = who, .expected = "a text or a list", .got = value.type_name()});
  for (const nlohmann::json& item : value) {
    const JsonObject named(item, who);
    if (named.required<std::string>("name") == "default") return named.required<std::string>("template");
  }
  return std::nullopt;
}

}  // namespace

std::vector<Turn> ChatTemplate::complete(std::span<const Turn> turns) const {
  std::vector<Turn> all;
  const bool system_speaks = !turns.empty() && turns[0].speaker == Speaker::kSystem;
  if (!system.empty() && !system_speaks) all.push_back({.speaker = Speaker::kSystem, .text = system});
  all.insert(all.end(), turns.begin(), turns.end());
  return all;
}

ChatTemplate recognise_chat_template(std::string_view jinja, const std::string& who) {
  if (has(jinja, "<|im_start|>") && has(jinja, "<|im_end|>")) {
    return {.format = &find_template("chatml"), .system = chatml_system(jinja)};
  }
  if (has(jinja, "<|start_header_id|>") && has(jinja, "<|eot_id|>")) {
    return {.format = &find_template(has(jinja, "Cutting Knowledge Date") ? "llama_3.1_chat" : "llama_3_chat")};
  }
  if (has(jinja, "<|user|>") && has(jinja, "<|end|>")) return {.format = &find_template("phi_3_chat")};
  refuse(who, cat("'", printable(jinja), "'"));
}

ChatTemplate read_chat_template(const std::string& folder) {
  const auto path = [&](const char* name) { return (std::filesystem::path(folder) / name).string(); };
  if (const std::string file = path("chat_template.jinja"); std::filesystem::exists(file)) {
    return recognise_chat_template(read_text_file(file, kMaxTemplateBytes), file);
  }
  const std::string file = path("tokenizer_config.json");
  if (std::filesystem::exists(file)) {
    const nlohmann::json config = read_json_file(file);
    const JsonObject object(config, file);
    const nlohmann::json* value = object.find("chat_template");
    if (value != nullptr && !value->is_null()) {
      const std::string who = object.who("chat_template");
      if (const auto jinja = template_of(*value, who)) return recognise_chat_template(*jinja, who);
      refuse(who, "a list without one named default");
    }
  }
  refuse(folder, "a folder without one");
}

}  // namespace fusion
