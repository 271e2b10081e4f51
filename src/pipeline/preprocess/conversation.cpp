#include "pipeline/preprocess/conversation.h"

#include <algorithm>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "pipeline/preprocess/conversation_templates.h"
#include "pipeline/preprocess/tokenizer_utf8.h"

namespace fusion {

namespace {

/// One message as it will be written, the picture block included.
struct Message {
  Speaker speaker;
  PromptText text;
};

void append_text(PromptText& out, std::string_view text, TextPolicy policy) {
  policy == TextPolicy::kLiteral ? out.append_literal(text) : out.append(text);
}

PromptText with_picture(const ConversationTemplate& format, const Turn& turn, TextPolicy policy) {
  PromptText text;
  if (turn.picture) {
    if (format.picture_tags) text.append("<Image>");
    text.append(kVisionStart);
    text.append(kImageMark);
    text.append(kVisionEnd);
    if (format.picture_tags) text.append("</Image>");
    if (!turn.text.empty()) text.append("\n");
  }
  append_text(text, format.strips ? strip(turn.text) : turn.text, policy);
  return text;
}

const char* name_of(Speaker speaker) {
  switch (speaker) {
    case Speaker::kUser:
      return "user";
    case Speaker::kAssistant:
      return "assistant";
    case Speaker::kSystem:
      break;
  }
  return "system";
}

std::vector<Message> messages_of(const ConversationTemplate& format, std::span<const Turn> turns, bool open_end,
                                 TextPolicy policy) {
  std::vector<Message> messages;
  if (!format.example_question.empty()) {
    messages.push_back({Speaker::kUser, format.example_question});
    messages.push_back({Speaker::kAssistant, format.example_answer});
  }
  for (const Turn& turn : turns) messages.push_back({turn.speaker, with_picture(format, turn, policy)});
  if (open_end) messages.push_back({Speaker::kAssistant, {}});
  for (size_t i = 0; i < messages.size(); ++i) {
    if (messages[i].speaker == (i % 2 == 0 ? Speaker::kUser : Speaker::kAssistant)) continue;
    throw Error({.who = "conversation",
                 .expected = "user and assistant in turn, beginning with the user",
                 .got = cat("the ", name_of(messages[i].speaker), " at turn ", i + 1)});
  }
  return messages;
}

/// What stands before the first message. `said` is the conversation's own system message, or null.
PromptText system_of(const ConversationTemplate& format, const Turn* said, TextPolicy policy) {
  if (said != nullptr) require_system_place(format, said->text);
  PromptText out;
  if (format.style == SeparatorStyle::kChat && said == nullptr && !format.always_system) return out;
  out.append(format.system);
  if (said != nullptr) append_text(out, format.strips ? strip(said->text) : said->text, policy);
  if (format.style != SeparatorStyle::kPlain) out.append(format.separator);
  return out;
}

PromptText render_llama_2(const ConversationTemplate& format, const std::vector<Message>& messages) {
  PromptText out;
  for (size_t i = 0; i < messages.size(); ++i) {
    if (messages[i].text.empty()) continue;
    if (i % 2 == 1) {
      out.append(" ");
      out.append_prompt(messages[i].text);
      out.append(" ");
      out.append(format.second_separator);
      continue;
    }
    // The reference then strips the separator's characters off the whole text's front: the first one never shows.
    if (i > 0) out.append(format.separator);
    out.append("[INST] ");
    if (i == 0 && !format.system.empty()) out.append(cat("<<SYS>>\n", format.system, "\n<</SYS>>\n\n"));
    out.append_prompt(messages[i].text);
    out.append(" [/INST]");
  }
  return out;
}

}  // namespace

bool ConversationTemplate::has_latents() const {
  return style == SeparatorStyle::kTwo || style == SeparatorStyle::kMpt || style == SeparatorStyle::kLlama3;
}

std::string_view ConversationTemplate::stop() const {
  // The line break after a chat's end token is no part of it.
  if (style == SeparatorStyle::kChat) return separator.substr(0, separator.find('\n'));
  const bool second =
      style == SeparatorStyle::kTwo || style == SeparatorStyle::kLlama2 || style == SeparatorStyle::kQwen2;
  return second ? second_separator : separator;
}

std::vector<std::string> template_names() {
  std::vector<std::string> names;
  for (const auto all : {conversation_templates(), chat_formats()}) {
    for (const ConversationTemplate& format : all) names.emplace_back(format.name);
  }
  return names;
}

const ConversationTemplate& find_template(std::string_view name) {
  for (const auto all : {conversation_templates(), chat_formats()}) {
    const auto found = std::ranges::find(all, name, &ConversationTemplate::name);
    if (found != all.end()) return *found;
  }
  const std::string nearest = closest_match(name, template_names());
  throw Error({.who = "conversation template",
               .expected = cat("one of ", join(template_names(), ", ")),
               .got = cat("'", printable(name), "'"),
               .hint = nearest.empty() ? "" : cat("did you mean '", nearest, "'?")});
}

const ConversationTemplate& default_template(std::string_view model_type) {
  if (model_type == "fusion_phi") return find_template("phi_3");
  if (model_type == "fusion_llama") return find_template("llama_3");
  throw Error({.who = "model_type",
               .expected = "fusion_phi or fusion_llama",
               .got = cat("'", printable(model_type), "'"),
               .hint = "name the conversation template yourself"});
}

void require_system_place(const ConversationTemplate& format, std::string_view said) {
  if (format.style == SeparatorStyle::kChat && !format.system.empty()) return;
  throw Error({.who = "system message",
               .expected = cat("none: the conversation template '", format.name, "' has no place for one"),
               .got = cat("'", printable(said), "'")});
}

PromptText render(const ConversationTemplate& format, std::span<const Turn> turns, bool open_end, TextPolicy policy) {
  const bool has_system = !turns.empty() && turns[0].speaker == Speaker::kSystem;
  PromptText out = system_of(format, has_system ? &turns[0] : nullptr, policy);
  const std::vector<Message> messages = messages_of(format, turns.subspan(has_system ? 1 : 0), open_end, policy);
  if (format.style == SeparatorStyle::kLlama2) return render_llama_2(format, messages);

  using enum SeparatorStyle;
  const bool colon = format.style == kSingle || format.style == kTwo || format.style == kQwen2;
  const bool alternates = format.style == kTwo || format.style == kPlain || format.style == kQwen2;
  for (size_t i = 0; i < messages.size(); ++i) {
    const PromptText& text = messages[i].text;
    const bool from_user = i % 2 == 0;
    out.append(from_user ? format.user : format.assistant);
    if (colon) out.append(text.empty() ? ":" : ": ");
    if (text.empty()) continue;
    if (from_user && format.has_latents()) {
      out.append(kVisionStart);
      out.append(kLatentMark);
      out.append(kVisionEnd);
    }
    out.append_prompt(text);
    out.append(alternates && !from_user ? format.second_separator : format.separator);
  }
  return out;
}

PromptText instruct_text(const ConversationTemplate& format, std::span<const Turn> turns, TextPolicy policy) {
  PromptText out;
  for (const Turn& turn : turns) {
    if (turn.speaker != Speaker::kUser) continue;
    std::string text = turn.text;
    if (policy == TextPolicy::kReference) {
      for (const std::string_view mark : {kImageMark, kVisionStart, kVisionEnd}) {
        text = replace_all(text, mark, "");
      }
    }
    if (turn.picture && format.picture_tags) text = cat("<Image></Image>", text.empty() ? "" : "\n", text);
    append_text(out, strip(text), policy);
  }
  return out;
}

}  // namespace fusion
