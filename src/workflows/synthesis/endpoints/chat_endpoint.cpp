#include "workflows/synthesis/endpoints/chat_endpoint.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "foundation/config/json_object.h"
#include "foundation/core/text.h"
#include "foundation/http/base64.h"
#include "workflows/synthesis/endpoints/json_reply.h"

namespace fusion {

/// What the model wrote.
struct ChatEndpoint::Reply {
  std::string text = {};
  bool cut = false;  ///< for it was longer than max_tokens
};

namespace {

constexpr uint64_t kMaxAnswerBytes = 4 << 20;
constexpr size_t kMaxRepeatedBytes = 8000;   ///< of an unusable reply, when it is sent back
constexpr int64_t kMaxTokens = 100'000'000;  ///< a larger count is no count
constexpr int64_t kTokensOfPicture = 1000;   ///< where the server does not say

nlohmann::ordered_json content_of(const ChatMessage& message) {
  if (message.picture == nullptr) return message.text;
  const EncodedPicture& picture = *message.picture;
  const std::string_view format = picture.extension == "jpg" ? "jpeg" : std::string_view(picture.extension);
  const std::string url = cat("data:image/", format, ";base64,", base64_encode(picture.bytes));
  return {{{"type", "image_url"}, {"image_url", {{"url", url}}}}, {{"type", "text"}, {"text", message.text}}};
}

/// Bytes of text that the model reads.
int64_t text_bytes(const nlohmann::ordered_json& messages) {
  int64_t bytes = 0;
  for (const auto& message : messages) {
    const auto& content = message["content"];
    bytes += content.is_string()
                 ? static_cast<int64_t>(content.get_ref<const std::string&>().size())
                 : static_cast<int64_t>(content[1]["text"].get_ref<const std::string&>().size()) + 4 * kTokensOfPicture;
  }
  return bytes;
}

struct TokenCounts {
  std::optional<int64_t> input = {};  ///< nothing where the server does not say
  std::optional<int64_t> output = {};
};

std::optional<int64_t> token_count(const JsonObject& answer, std::string_view key) {
  const nlohmann::json* usage = answer.find("usage");
  if (usage == nullptr || !usage->is_object() || !usage->contains(key)) return std::nullopt;
  int64_t count = 0;
  if (!JsonType<int64_t>::read(usage->at(std::string(key)), count) || count < 0 || count > kMaxTokens)
    return std::nullopt;
  return count;
}

TokenCounts token_counts(const JsonObject& answer) {
  return {.input = token_count(answer, "prompt_tokens"), .output = token_count(answer, "completion_tokens")};
}

}  // namespace

ChatEndpoint::Reply ChatEndpoint::reply_in(const JsonObject& answer) {
  const nlohmann::json* choices = answer.find("choices");
  if (choices == nullptr || !choices->is_array() || choices->empty()) {
    throw Error({.who = answer.who("choices"), .expected = "a list with the model's reply", .got = "none"});
  }
  const JsonObject choice(choices->front(), answer.file(), "choices[0]");
  const auto text = choice.object("message").optional<std::string>("content");
  return {.text = text.value_or(""), .cut = choice.optional<std::string>("finish_reason").value_or("") == "length"};
}

ChatEndpoint::Reply ChatEndpoint::send(const nlohmann::ordered_json& messages, uint64_t stream,
                                       const CallContext& context) const {
  const EndpointOptions& options = endpoint_->options();
  nlohmann::ordered_json body{{"model", options.model}, {"messages", messages}, {"max_tokens", options.max_tokens}};
  if (options.temperature) body["temperature"] = *options.temperature;
  if (options.json_mode) body["response_format"] = {{"type", "json_object"}};
  if (options.send_seed) body["seed"] = RandomSource(endpoint_->seed(), stream).below(uint64_t{1} << 31);
  Reply reply;
  const auto count = [&](int64_t input, int64_t output) {
    context.usage->input_tokens += input;
    context.usage->output_tokens += output;
    context.usage->cost += 1e-6 * (static_cast<double>(input) * options.price_per_million_input_tokens +
                                   static_cast<double>(output) * options.price_per_million_output_tokens);
  };
  const auto accept = [&](const nlohmann::json& json) {
    const JsonObject answer(json, "its answer");
    const TokenCounts tokens = token_counts(answer);
    try {
      reply = reply_in(answer);
    } catch (const Error&) {
      count(tokens.input.value_or(0), tokens.output.value_or(0));  // what it counted is paid for, whatever it wrote
      throw;
    }
    count(tokens.input.value_or(text_bytes(messages) / 4),
          tokens.output.value_or(static_cast<int64_t>(reply.text.size()) / 4));
  };
  endpoint_->post("/chat/completions", std::move(body), stream, kMaxAnswerBytes, accept, context);
  ++context.usage->calls;
  return reply;
}

void ChatEndpoint::ask(const std::vector<ChatMessage>& messages, uint64_t stream, const Use& use,
                       const CallContext& context) const {
  auto sent = nlohmann::ordered_json::array();
  for (const ChatMessage& message : messages)
    sent.push_back({{"role", message.role}, {"content", content_of(message)}});
  for (int64_t reasks = 0;; ++reasks) {
    const Reply reply = send(sent, stream, context);
    std::string problem;
    try {
      use(json_of_reply(reply.text));
      endpoint_->used();
      return;
    } catch (const Error& error) {
      problem = error.what();
    }
    if (reply.cut) problem += "; it was too long: say it in fewer words";
    if (reasks == endpoint_->options().max_reasks) {
      endpoint_->give_up_reply({.who = endpoint_->name(),
                                .expected = "a reply that can be used",
                                .got = problem,
                                .cause = cat("asked ", reasks + 1, " times")});
    }
    ++context.usage->retries;
    sent.erase(sent.begin() + static_cast<int64_t>(messages.size()), sent.end());
    sent.push_back({{"role", "assistant"}, {"content", reply.text.substr(0, kMaxRepeatedBytes)}});
    sent.push_back(
        {{"role", "user"},
         {"content", cat("That cannot be used. ", problem,
                         ". Write all of it again, as JSON in the form that was asked for, and nothing else.")}});
  }
}

}  // namespace fusion
