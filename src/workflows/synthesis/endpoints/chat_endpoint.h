#pragma once
// A text model behind POST /chat/completions.

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "foundation/config/json_object.h"
#include "workflows/synthesis/endpoints/endpoint.h"

namespace fusion {

struct ChatMessage {
  std::string role = "user";  ///< or "system", "assistant"
  std::string text = {};
  const EncodedPicture* picture = nullptr;  ///< shown before the text; outlives the call
};

class ChatEndpoint {
 public:
  explicit ChatEndpoint(std::shared_ptr<Endpoint> endpoint) : endpoint_(std::move(endpoint)) {}

  /// Takes what the model wrote; throws Error where it cannot be used.
  using Use = std::function<void(const nlohmann::json&)>;

  /// Asks for a JSON object. Where there is none in the reply, or `use` refuses it, the model is told why and asked
  /// again, max_reasks times; then CallFailed. Tokens are the server's count, also of an answer that holds no reply;
  /// or, where it gives none, a fourth of the bytes.
  /// \param stream  tells the calls of a run apart (Endpoint::post)
  void ask(const std::vector<ChatMessage>& messages, uint64_t stream, const Use& use, const CallContext& context) const;

 private:
  struct Reply;
  static Reply reply_in(const JsonObject& answer);
  Reply send(const nlohmann::ordered_json& messages, uint64_t stream, const CallContext& context) const;

  std::shared_ptr<Endpoint> endpoint_;
};

}  // namespace fusion
