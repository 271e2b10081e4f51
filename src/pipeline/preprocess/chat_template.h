#pragma once
// Which format of conversation a plain language model's folder asks for.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/preprocess/conversation.h"

namespace fusion {

/// What a folder's chat template writes.
struct ChatTemplate {
  const ConversationTemplate* format;  ///< one of chat_formats()
  std::string system = {};             ///< what the system says where a conversation brings no words for it

  /// The conversation with what the system says in front.
  std::vector<Turn> complete(std::span<const Turn> turns) const;
};

/// Recognises a Jinja chat template by the marks in it: `<|im_start|>` and `<|im_end|>` are ChatML,
/// `<|start_header_id|>` and `<|eot_id|>` LLaMA-3 (3.1 where it speaks of a knowledge date), `<|user|>` and `<|end|>`
/// Phi-3. Nothing of it is run; a system message that ChatML templates bring along is read out of it. Throws Error on
/// any other template, with what it begins with.
/// \param who  names the template in errors
ChatTemplate recognise_chat_template(std::string_view jinja, const std::string& who);

/// The one in the folder's chat_template.jinja, else in its tokenizer_config.json. Throws Error where there is none.
ChatTemplate read_chat_template(const std::string& folder);

}  // namespace fusion
