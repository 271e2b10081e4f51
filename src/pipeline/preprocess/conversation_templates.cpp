// The formats of conversation, as data: texts that published checkpoints were trained with, character for character.

#include <array>

#include "pipeline/preprocess/conversation.h"
#include "pipeline/preprocess/conversation_templates.h"

namespace fusion {

namespace {

using enum SeparatorStyle;

constexpr std::string_view kCuriousHuman =
    "A chat between a curious human and an artificial intelligence assistant. The assistant gives "
    "helpful, detailed, and polite answers to the human's questions.";
constexpr std::string_view kCuriousUser =
    "A chat between a curious user and an artificial intelligence assistant. The assistant gives "
    "helpful, detailed, and polite answers to the user's questions.";
constexpr std::string_view kTagged =
    "A chat between a curious user and an artificial intelligence assistant. The assistant is able "
    "to understand the visual content that the user provides, and assist the user with a variety of "
    "tasks using natural language.The visual content will be provided with the following format: "
    "<Image>visual content</Image>.";
constexpr std::string_view kExampleQuestion =
    "What are the key differences between renewable and non-renewable energy sources?";
constexpr std::string_view kExampleAnswer =
    "Renewable energy sources are those that can be replenished naturally in a relatively short "
    "amount of time, such as solar, wind, hydro, geothermal, and biomass. Non-renewable energy "
    "sources, on the other hand, are finite and will eventually be depleted, such as coal, oil, and "
    "natural gas. Here are some key differences between renewable and non-renewable energy "
    "sources:\n1. Availability: Renewable energy sources are virtually inexhaustible, while "
    "non-renewable energy sources are finite and will eventually run out.\n2. Environmental impact: "
    "Renewable energy sources have a much lower environmental impact than non-renewable sources, "
    "which can lead to air and water pollution, greenhouse gas emissions, and other negative "
    "effects.\n3. Cost: Renewable energy sources can be more expensive to initially set up, but "
    "they typically have lower operational costs than non-renewable sources.\n4. Reliability: "
    "Renewable energy sources are often more reliable and can be used in more remote locations than "
    "non-renewable sources.\n5. Flexibility: Renewable energy sources are often more flexible and "
    "can be adapted to different situations and needs, while non-renewable sources are more rigid "
    "and inflexible.\n6. Sustainability: Renewable energy sources are more sustainable over the "
    "long term, while non-renewable sources are not, and their depletion can lead to economic and "
    "social instability.\n";

constexpr std::array<ConversationTemplate, 19> kTemplates = {{
    {.name = "default",
     .style = kSingle,
     .system = kCuriousHuman,
     .user = "Human",
     .assistant = "Assistant",
     .separator = "###",
     .example_question = kExampleQuestion,
     .example_answer = kExampleAnswer},
    {.name = "v0",
     .style = kSingle,
     .system = kCuriousHuman,
     .user = "Human",
     .assistant = "Assistant",
     .separator = "###",
     .example_question = kExampleQuestion,
     .example_answer = kExampleAnswer},
    {.name = "v1",
     .style = kTwo,
     .system = kCuriousUser,
     .user = "USER",
     .assistant = "ASSISTANT",
     .separator = " ",
     .second_separator = "</s>"},
    {.name = "vicuna_v1",
     .style = kTwo,
     .system = kCuriousUser,
     .user = "USER",
     .assistant = "ASSISTANT",
     .separator = " ",
     .second_separator = "</s>"},
    {.name = "llama_2",
     .style = kLlama2,
     .system = "You are a helpful, respectful and honest assistant. Always answer as helpfully as possible, "
               "while being safe.  Your answers should not include any harmful, unethical, racist, sexist, "
               "toxic, dangerous, or illegal content. Please ensure that your responses are socially unbiased "
               "and positive in nature.\n\nIf a question does not make any sense, or is not factually "
               "coherent, explain why instead of answering something not correct. If you don't know the answer "
               "to a question, please don't share false information.",
     .user = "USER",
     .assistant = "ASSISTANT",
     .separator = "<s>",
     .second_separator = "</s>"},
    {.name = "llama_3",
     .style = kLlama3,
     .system = "<|start_header_id|>system<|end_header_id|>\n\nYou are a helpful, highly intelligent language "
               "and vision assistant. You are able to understand the visual content that the user provides, "
               "and assist the user with a variety of tasks using natural language. Whenever an image is "
               "present in the conversation, very carefully examine it and consider its content when "
               "formulating your response.",
     .user = "<|start_header_id|>user<|end_header_id|>\n\n",
     .assistant = "<|start_header_id|>assistant<|end_header_id|>\n\n",
     .separator = "<|eot_id|>"},
    {.name = "mistral_instruct",
     .style = kLlama2,
     .system = "",
     .user = "USER",
     .assistant = "ASSISTANT",
     .separator = "",
     .second_separator = "</s>"},
    {.name = "chatml_direct",
     .style = kMpt,
     .system = "<|im_start|>system\nAnswer the questions.",
     .user = "<|im_start|>user\n",
     .assistant = "<|im_start|>assistant\n",
     .separator = "<|im_end|>"},
    {.name = "mistral_direct",
     .style = kMpt,
     .system = "<|im_start|>system\nAnswer the questions.",
     .user = "<|im_start|>user\n",
     .assistant = "<|im_start|>assistant\n",
     .separator = "<|im_end|>"},
    {.name = "plain", .style = kPlain, .system = "", .user = "", .assistant = "", .separator = "\n"},
    {.name = "v0_plain", .style = kPlain, .system = "", .user = "", .assistant = "", .separator = "\n"},
    {.name = "llava_v0",
     .style = kSingle,
     .system = kCuriousHuman,
     .user = "Human",
     .assistant = "Assistant",
     .separator = "###"},
    {.name = "v0_mmtag",
     .style = kSingle,
     .system = kTagged,
     .user = "Human",
     .assistant = "Assistant",
     .separator = "###",
     .picture_tags = true},
    {.name = "llava_v1",
     .style = kTwo,
     .system = kCuriousHuman,
     .user = "USER",
     .assistant = "ASSISTANT",
     .separator = " ",
     .second_separator = "</s>"},
    {.name = "v1_mmtag",
     .style = kTwo,
     .system = kTagged,
     .user = "USER",
     .assistant = "ASSISTANT",
     .separator = " ",
     .second_separator = "</s>",
     .picture_tags = true},
    {.name = "llava_llama_2",
     .style = kLlama2,
     .system = "You are a helpful language and vision assistant. You are able to understand the visual content "
               "that the user provides, and assist the user with a variety of tasks using natural language.",
     .user = "USER",
     .assistant = "ASSISTANT",
     .separator = "<s>",
     .second_separator = "</s>"},
    {.name = "mpt",
     .style = kMpt,
     .system = "<|im_start|>system\nA conversation between a user and an LLM-based AI assistant. The assistant "
               "gives helpful and honest answers.",
     .user = "<|im_start|>user\n",
     .assistant = "<|im_start|>assistant\n",
     .separator = "<|im_end|>"},
    {.name = "qwen_2",
     .style = kQwen2,
     .system = kCuriousUser,
     .user = "User",
     .assistant = "Assistant",
     .separator = " ",
     .second_separator = "<|im_end|>"},
    {.name = "phi_3",
     .style = kMpt,
     .system = "<|system|>\nYou are a helpful AI assistant.",
     .user = "\n<|user|>\n",
     .assistant = "\n<|assistant|>\n",
     .separator = "<|end|>"},
}};

constexpr std::string_view kLlama3User = "<|start_header_id|>user<|end_header_id|>\n\n";
constexpr std::string_view kLlama3Assistant = "<|start_header_id|>assistant<|end_header_id|>\n\n";

constexpr std::array<ConversationTemplate, 5> kChatFormats = {{
    {.name = "chatml",
     .style = kChat,
     .system = "<|im_start|>system\n",
     .user = "<|im_start|>user\n",
     .assistant = "<|im_start|>assistant\n",
     .separator = "<|im_end|>\n"},
    {.name = "llama_3_chat",
     .style = kChat,
     .system = "<|start_header_id|>system<|end_header_id|>\n\n",
     .user = kLlama3User,
     .assistant = kLlama3Assistant,
     .separator = "<|eot_id|>",
     .strips = true},
    // The published template names these two dates unless a caller sets another one.
    {.name = "llama_3.1_chat",
     .style = kChat,
     .system = "<|start_header_id|>system<|end_header_id|>\n\nCutting Knowledge Date: December 2023\nToday Date: "
               "26 Jul 2024\n\n",
     .user = kLlama3User,
     .assistant = kLlama3Assistant,
     .separator = "<|eot_id|>",
     .always_system = true,
     .strips = true},
    {.name = "phi_3_chat",
     .style = kChat,
     .system = "<|system|>\n",
     .user = "<|user|>\n",
     .assistant = "<|assistant|>\n",
     .separator = "<|end|>\n"},
    {.name = "raw", .style = kChat, .system = "", .user = "", .assistant = "", .separator = ""},
}};

}  // namespace

std::span<const ConversationTemplate> conversation_templates() {
  return kTemplates;
}

std::span<const ConversationTemplate> chat_formats() {
  return kChatFormats;
}

}  // namespace fusion
