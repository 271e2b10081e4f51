#include "workflows/synthesis/items/item.h"

#include "foundation/config/json_object.h"
#include "workflows/synthesis/items/hex64.h"
#include "workflows/synthesis/items/json_parts.h"

namespace fusion {

namespace {

using nlohmann::json;
using nlohmann::ordered_json;

ordered_json round_to_json(const Round& round) {
  ordered_json out{{"question", round.question}, {"answer", round.answer}};
  put(out, "options", round.options);
  put(out, "query", round.query);
  put(out, "truth", round.truth);
  put(out, "about", round.about);
  return out;
}

Round round_from_json(const json& value, const std::string& who) {
  const JsonObject object(value, who);
  Round round;
  round.question = object.required<std::string>("question");
  round.answer = object.required<std::string>("answer");
  get(object, "options", round.options);
  get(object, "query", round.query);
  get(object, "truth", round.truth);
  get(object, "about", round.about);
  object.refuse_unread_keys();
  return round;
}

ordered_json conversation_to_json(const Conversation& conversation) {
  ordered_json out{{"kind", conversation.kind}};
  put_list(out, "rounds", conversation.rounds, round_to_json);
  put(out, "dropped_by", conversation.dropped_by);
  put(out, "drop_reason", conversation.drop_reason);
  return out;
}

Conversation conversation_from_json(const json& value, const std::string& who) {
  const JsonObject object(value, who);
  Conversation conversation;
  conversation.kind = object.required<std::string>("kind");
  get_list(object, "rounds", conversation.rounds, round_from_json);
  get(object, "dropped_by", conversation.dropped_by);
  get(object, "drop_reason", conversation.drop_reason);
  object.refuse_unread_keys();
  return conversation;
}

}  // namespace

Usage& Usage::operator+=(const Usage& other) {
  calls += other.calls;
  retries += other.retries;
  input_tokens += other.input_tokens;
  output_tokens += other.output_tokens;
  pictures += other.pictures;
  seconds += other.seconds;
  cost += other.cost;
  return *this;
}

ordered_json item_to_json(const Item& item) {
  auto out = ordered_json::object();
  put(out, "kinds", item.kinds);
  put(out, "caption", item.caption);
  put(out, "source", item.source);
  put(out, "descriptions", item.descriptions);
  put_list(out, "scenes", item.scenes, scene_to_json);
  put(out, "source_picture", item.source_picture);
  put(out, "picture", item.picture);
  put(out, "width", item.width);
  put(out, "height", item.height);
  if (item.picture_hash != 0) out["picture_hash"] = to_hex64(item.picture_hash);
  put(out, "picture_contrast", item.picture_contrast);
  if (item.agreement) out["agreement"] = *item.agreement;
  put_list(out, "conversations", item.conversations, conversation_to_json);
  put(out, "dropped_by", item.dropped_by);
  put(out, "drop_reason", item.drop_reason);
  return out;
}

Item item_from_json(const json& value, int64_t id, const std::string& who) {
  const JsonObject object(value, who);
  Item item;
  item.id = id;
  get(object, "kinds", item.kinds);
  get(object, "caption", item.caption);
  get(object, "source", item.source);
  get(object, "descriptions", item.descriptions);
  get_list(object, "scenes", item.scenes, scene_from_json);
  get(object, "source_picture", item.source_picture);
  get(object, "picture", item.picture);
  get(object, "width", item.width);
  get(object, "height", item.height);
  if (object.find("picture_hash") != nullptr) item.picture_hash = required_hex64(object, "picture_hash");
  get(object, "picture_contrast", item.picture_contrast);
  item.agreement = object.optional<double>("agreement");
  get_list(object, "conversations", item.conversations, conversation_from_json);
  get(object, "dropped_by", item.dropped_by);
  get(object, "drop_reason", item.drop_reason);
  object.refuse_unread_keys();
  return item;
}

}  // namespace fusion
