#include "workflows/synthesis/endpoints/endpoint_roles.h"

#include "foundation/config/json_object.h"
#include "foundation/core/text.h"
#include "pipeline/preprocess/decode.h"
#include "workflows/synthesis/endpoints/reply_reader.h"
#include "workflows/synthesis/kinds/item_random.h"
#include "workflows/synthesis/kinds/prompts.h"
#include "workflows/synthesis/render/encode.h"

namespace fusion {
namespace {

constexpr int kJoinedQuality = 95;  ///< of the JPEG that two pictures are joined in
constexpr double kBestScore = 10;
constexpr std::string_view kPictureComes =
    "The picture itself comes with this text. Where the two differ, believe the picture.\n\n";
constexpr std::string_view kAgreementPrompt =
    "Compare the picture with the text below. Give a whole number from 0 to 10: 10 where the picture shows everything "
    "that the text says, with the right colours, numbers and places; 5 where about half of it is right; 0 where it "
    "shows something else. Judge only what the text says.\n"
    "Reply with JSON and nothing else: {\"score\": N}\n\n";

/// What a call of an item is for: one number for each of its calls.
enum class Purpose : uint64_t { kExpand, kDraw, kAgreement, kAsk };

uint64_t stream_of(const Item& item, Purpose purpose, uint64_t number = 0) {
  constexpr uint64_t kCallsOfAnItem = 64;
  return static_cast<uint64_t>(item.id) * kCallsOfAnItem + static_cast<uint64_t>(purpose) * 16 + number;
}

/// What the picture shows, in words.
std::string told(const Item& item) {
  if (item.descriptions.size() == 1) return item.descriptions.front();
  return cat("Left half: ", item.descriptions[0], "\nRight half: ", item.descriptions[1]);
}

}  // namespace

void EndpointWriter::expand(Item& item, const CallContext& context) {
  if (!item.source_picture.empty()) {
    item.descriptions = {item.caption};
    return;
  }
  const Kind& kind = kinds_->find(item.kinds.front());
  const auto use = [&](const nlohmann::json& reply) { item.descriptions = descriptions_of_reply(reply, kind); };
  chat_.ask({{.text = expand_request(kind, item.caption)}}, stream_of(item, Purpose::kExpand), use, context);
}

void EndpointWriter::ask(Item& item, const EncodedPicture& picture, const CallContext& context) {
  RandomSource random = item_random(seed_, item.id, DrawnFor::kQuestions);
  std::vector<Conversation> conversations;
  for (const std::string& name : item.kinds) {
    const Kind& kind = kinds_->find(name);
    if (static_cast<size_t>(kind.pictures) != item.descriptions.size()) continue;
    const ChatMessage message{.text = cat(send_picture_ ? kPictureComes : "", ask_request(kind, item.descriptions)),
                              .picture = send_picture_ ? &picture : nullptr};
    const auto use = [&](const nlohmann::json& reply) {
      // A copy: a reply that is refused halfway must not shift the next one's options.
      RandomSource drawn = random;
      conversations.push_back(conversation_of_reply(reply, kind, drawn));
      random = drawn;
    };
    chat_.ask({message}, stream_of(item, Purpose::kAsk, conversations.size() % 16), use, context);
  }
  item.conversations = std::move(conversations);
}

EncodedPicture EndpointPainter::draw(const Item& item, const CallContext& context) {
  EncodedPicture first = images_.draw(item.descriptions.front(), stream_of(item, Purpose::kDraw), context);
  if (item.descriptions.size() == 1) return first;
  const EncodedPicture second = images_.draw(item.descriptions[1], stream_of(item, Purpose::kDraw, 1), context);
  return encode_jpeg(
      side_by_side(decode_picture(first.bytes, "the left picture"), decode_picture(second.bytes, "the right picture")),
      kJoinedQuality);
}

double EndpointAgreement::agreement(const Item& item, const EncodedPicture& picture, const CallContext& context) {
  double score = 0;
  const auto use = [&](const nlohmann::json& reply) {
    const JsonObject object(reply, "the reply");
    score = object.required<double>("score");
    if (!(score >= 0 && score <= kBestScore)) {
      throw Error({.who = object.who("score"), .expected = "a number from 0 to 10", .got = cat(score)});
    }
  };
  chat_.ask({{.text = cat(kAgreementPrompt, told(item)), .picture = &picture}}, stream_of(item, Purpose::kAgreement),
            use, context);
  return score / kBestScore;
}

}  // namespace fusion
