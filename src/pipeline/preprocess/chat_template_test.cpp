// Chat templates: recognised by their form, and written as transformers writes them.

#include "pipeline/preprocess/chat_template.h"

#include <gtest/gtest.h>

#include "foundation/config/test_support.h"
#include "foundation/core/text.h"
#include "pipeline/preprocess/conversation_templates.h"

namespace fusion {
namespace {

// The chat template of SmolLM2-135M-Instruct (Hugging Face, Apache-2.0).
constexpr std::string_view kSmolLm =
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\n"
    "You are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n' }}{% endif %}"
    "{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

const std::vector<Turn> kTwoRounds = {
    {.text = " Hi "}, {.speaker = Speaker::kAssistant, .text = "Yes?"}, {.text = "Why?"}};

ChatTemplate recognised(std::string_view jinja) {
  return recognise_chat_template(jinja, "chat_template.jinja");
}

std::string written(std::string_view name, std::vector<Turn> turns, std::string_view system = "") {
  if (!system.empty()) turns.insert(turns.begin(), {.speaker = Speaker::kSystem, .text = std::string(system)});
  return render(find_template(name), turns, /*open_end=*/true).text();
}

TEST(ChatTemplate, ChatMlBringsItsSystemMessage) {
  const ChatTemplate chat = recognised(kSmolLm);
  EXPECT_EQ(chat.format->name, "chatml");
  EXPECT_EQ(chat.system, "You are a helpful AI assistant named SmolLM, trained by Hugging Face");
  EXPECT_EQ(chat.format->stop(), "<|im_end|>");
  EXPECT_EQ(recognised(R"({{ '<|im_start|>system\nBe kind.<|im_end|>\n' }})").system, "Be kind.");
}

TEST(ChatTemplate, SaysItsSystemMessageOnlyWhereTheConversationBringsNone) {
  const ChatTemplate chat = recognised(kSmolLm);
  const std::vector<Turn> completed = chat.complete(kTwoRounds);
  ASSERT_EQ(completed.size(), 4u);
  EXPECT_EQ(completed[0].speaker, Speaker::kSystem);
  EXPECT_EQ(completed[0].text, chat.system);
  EXPECT_EQ(completed[1].text, kTwoRounds[0].text);
  const std::vector<Turn> own = chat.complete(std::vector<Turn>{{Speaker::kSystem, "Be kind."}, kTwoRounds[0]});
  ASSERT_EQ(own.size(), 2u);
  EXPECT_EQ(own[0].text, "Be kind.");
  EXPECT_EQ(recognised("<|user|><|end|>").complete(kTwoRounds).size(), 3u);
}

TEST(ChatTemplate, AMessagePutTogetherIsNoSystemMessage) {
  const std::string_view joined = R"({{ '<|im_start|>system\n' + messages[0]['content'] + '<|im_end|>\n' }})";
  EXPECT_EQ(recognised(joined).system, "");
  EXPECT_EQ(recognised(cat(joined, R"({{ '<|im_start|>system\nBe kind.<|im_end|>\n' }})")).system, "Be kind.");
  EXPECT_EQ(recognised("<|im_start|>system\n never closed, and <|im_end|>\n is elsewhere {{}}").system,
            " never closed, and ");
  EXPECT_EQ(recognised("<|im_end|><|im_start|>system\nno end").system, "");
}

TEST(ChatTemplate, OtherFormsAreRecognised) {
  EXPECT_EQ(
      recognised("'<|start_header_id|>' + role + '<|end_header_id|>' + content | trim + '<|eot_id|>'").format->name,
      "llama_3_chat");
  EXPECT_EQ(recognised("<|start_header_id|>system<|end_header_id|> Cutting Knowledge Date: <|eot_id|>").format->name,
            "llama_3.1_chat");
  EXPECT_EQ(recognised(R"({{'<|user|>\n' + message['content'] + '<|end|>\n'}})").format->name, "phi_3_chat");
}

TEST(ChatTemplate, AnUnknownFormSaysWhatItIs) {
  const std::string message = error_of([] { recognised("[INST] {{ messages[0]['content'] }} [/INST]"); });
  EXPECT_NE(message.find("[INST] {{ messages"), std::string::npos) << message;
  EXPECT_NE(message.find("chatml, llama_3_chat, llama_3.1_chat, phi_3_chat, raw"), std::string::npos) << message;
}

TEST(ChatTemplate, ComesFromEitherFile) {
  const ScratchFolder folder;
  EXPECT_NE(error_of([&] { read_chat_template(folder.path()); }).find("without one"), std::string::npos);
  folder.put("tokenizer_config.json", R"({"bos_token": null})");
  EXPECT_NE(error_of([&] { read_chat_template(folder.path()); }).find("without one"), std::string::npos);
  folder.put("tokenizer_config.json", R"({"chat_template": "<|user|>x<|end|>"})");
  EXPECT_EQ(read_chat_template(folder.path()).format->name, "phi_3_chat");
  folder.put("tokenizer_config.json", R"({"chat_template": [{"name": "tools", "template": "<|user|>x<|end|>"},
             {"name": "default", "template": "<|im_start|><|im_end|>"}]})");
  EXPECT_EQ(read_chat_template(folder.path()).format->name, "chatml");
  folder.put("chat_template.jinja", "<|start_header_id|><|eot_id|>");
  EXPECT_EQ(read_chat_template(folder.path()).format->name, "llama_3_chat");
}

TEST(ChatTemplate, MalformedOnesAreRefused) {
  const ScratchFolder folder;
  folder.put("tokenizer_config.json", R"({"chat_template": 3})");
  EXPECT_NE(error_of([&] { read_chat_template(folder.path()); }).find("a text or a list"), std::string::npos);
  folder.put("tokenizer_config.json", R"({"chat_template": ["x"]})");
  EXPECT_NE(error_of([&] { read_chat_template(folder.path()); }).find("a JSON object"), std::string::npos);
  folder.put("tokenizer_config.json", R"({"chat_template": [{"name": "tools", "template": "x"}]})");
  EXPECT_NE(error_of([&] { read_chat_template(folder.path()); }).find("named default"), std::string::npos);
}

TEST(ChatFormats, WriteWhatTheirTemplatesWrite) {
  EXPECT_EQ(written("chatml", kTwoRounds, "Be kind."),
            "<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\n Hi <|im_end|>\n<|im_start|>assistant\nYes?"
            "<|im_end|>\n<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\n");
  EXPECT_EQ(written("phi_3_chat", kTwoRounds),
            "<|user|>\n Hi <|end|>\n<|assistant|>\nYes?<|end|>\n<|user|>\nWhy?<|end|>\n<|assistant|>\n");
  EXPECT_EQ(
      written("llama_3_chat", {kTwoRounds[0]}, " Be kind. "),
      "<|start_header_id|>system<|end_header_id|>\n\nBe kind.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n"
      "Hi<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n");
  EXPECT_EQ(written("llama_3.1_chat", {kTwoRounds[0]}),
            "<|start_header_id|>system<|end_header_id|>\n\nCutting Knowledge Date: December 2023\nToday Date: 26 Jul "
            "2024\n\n<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|><|start_header_id|>assistant"
            "<|end_header_id|>\n\n");
  EXPECT_EQ(written("raw", {kTwoRounds[0]}), " Hi ");
}

TEST(ChatFormats, HaveNoLatentTokens) {
  for (const ConversationTemplate& format : chat_formats()) {
    EXPECT_FALSE(format.has_latents()) << format.name;
    EXPECT_EQ(written(format.name, kTwoRounds).find(kLatentMark), std::string::npos) << format.name;
  }
}

TEST(ChatFormats, TheSystemSpeaksFirstOrNotAtAll) {
  const Turn system{.speaker = Speaker::kSystem, .text = "Be kind."};
  EXPECT_NE(error_of([&] { written("chatml", {kTwoRounds[0], system}); }).find("the system at turn 2"),
            std::string::npos);
  EXPECT_NE(error_of([&] { written("phi_3", {system, kTwoRounds[0]}); }).find("'phi_3' has no place"),
            std::string::npos);
  EXPECT_THROW(written("raw", {system, kTwoRounds[0]}), Error);
}

TEST(ChatFormats, ASystemMessageIsTextNotMarkup) {
  const std::vector<Turn> turns = {{.speaker = Speaker::kSystem, .text = "<|im_end|>"}, {.text = "<|im_start|>"}};
  const PromptText prompt = render(find_template("chatml"), turns, /*open_end=*/true);
  EXPECT_EQ(prompt.split("<|im_end|>").size(), 3u);
  EXPECT_EQ(prompt.split("<|im_start|>").size(), 4u);
}

}  // namespace
}  // namespace fusion
