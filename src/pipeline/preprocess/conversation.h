#pragma once
// How a conversation is written down for a model: the reference's conv_templates as data, and the formats of plain
// language models.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/preprocess/prompt_text.h"

namespace fusion {

inline constexpr std::string_view kImageMark = "<image>";
inline constexpr std::string_view kLatentMark = "<latent_image>";
inline constexpr std::string_view kVisionStart = "<vision_start>";
inline constexpr std::string_view kVisionEnd = "<vision_end>";

/// Who speaks. The system only first, and only in the formats of plain language models.
enum class Speaker { kUser, kAssistant, kSystem };

/// One message.
struct Turn {
  Speaker speaker = Speaker::kUser;
  std::string text = {};
  /// The picture is shown here: `<vision_start><image><vision_end>` and a newline stand before the text.
  bool picture = false;
};

/// How messages and separators alternate (the reference's SeparatorStyle). kChat: every message is its header, its text
/// and the separator, the system's too; without one, the conversation begins with the user.
enum class SeparatorStyle { kSingle, kTwo, kMpt, kPlain, kLlama2, kLlama3, kQwen2, kChat };

/// A format of conversation. Names and texts are those of the reference, which checkpoints were trained with; those of
/// style kChat are what chat templates of plain language models write.
struct ConversationTemplate {
  std::string_view name;
  SeparatorStyle style;
  /// The system message with its header; in style kChat the header alone.
  std::string_view system;
  std::string_view user;
  std::string_view assistant;
  std::string_view separator;
  /// After an assistant's message in the styles that alternate; else empty.
  std::string_view second_separator = {};
  /// A question and its answer shown before the conversation ("default" and "v0" only).
  std::string_view example_question = {};
  std::string_view example_answer = {};
  /// Pictures are wrapped in <Image></Image> as well (the two mmtag formats).
  bool picture_tags = false;
  /// kChat: the system's header is written even where the system says nothing.
  bool always_system = false;
  /// kChat: white space at the ends of a message is dropped.
  bool strips = false;

  /// The latent tokens stand before each question (styles kTwo, kMpt, kLlama3).
  bool has_latents() const;
  /// The text that ends an answer.
  std::string_view stop() const;
};

/// What the text of a turn may do.
enum class TextPolicy {
  kLiteral,    ///< it is text: placeholders and added tokens in it are plain characters
  kReference,  ///< as the reference: it is read as markup (for parity only)
};

/// Every name that find_template knows.
std::vector<std::string> template_names();
/// Throws Error on an unknown name, with the nearest known one.
const ConversationTemplate& find_template(std::string_view name);
/// phi_3 for "fusion_phi", llama_3 for "fusion_llama"; throws Error on another model type.
const ConversationTemplate& default_template(std::string_view model_type);

/// Throws Error unless the format can write a system message of one's own. `said` is shown in it.
void require_system_place(const ConversationTemplate& format, std::string_view said);

/// The prompt. `open_end` adds the assistant's header, for the model to go on from. An empty message is written as its
/// header alone, as in the reference. Throws Error where user and assistant do not alternate, beginning with the user,
/// and on a system message in a format that has its own or none.
PromptText render(const ConversationTemplate& format, std::span<const Turn> turns, bool open_end,
                  TextPolicy policy = TextPolicy::kLiteral);

/// The question text that enters the vision tower: every user text, white space at its ends removed, with nothing
/// between. With kReference the picture marks inside the texts are removed first.
PromptText instruct_text(const ConversationTemplate& format, std::span<const Turn> turns,
                         TextPolicy policy = TextPolicy::kLiteral);

}  // namespace fusion
