#include "workflows/synthesis/endpoints/image_endpoint.h"

#include <span>
#include <string_view>

#include "foundation/config/json_object.h"
#include "foundation/core/text.h"
#include "foundation/http/base64.h"
#include "pipeline/preprocess/decode.h"

namespace fusion {
namespace {

constexpr uint64_t kMaxPictureBytes = 32 << 20;
constexpr uint64_t kMaxPictureAnswerBytes = kMaxPictureBytes / 3 * 4 + (1 << 16);
constexpr DecodeLimits kPictureLimits = {
    .max_pixels = 4096 * 4096, .max_side = 4096, .max_file_bytes = kMaxPictureBytes};

/// The bytes that the answer holds, or those that its address leads to.
std::vector<std::byte> bytes_of(const JsonObject& picture, const Endpoint& endpoint, const CallContext& context) {
  if (const auto text = picture.optional<std::string>("b64_json")) {
    if (auto bytes = base64_decode(*text)) return std::move(*bytes);
    throw Error({.who = picture.who("b64_json"), .expected = "a picture in base64", .got = "no base64"});
  }
  if (const auto url = picture.optional<std::string>("url")) {
    const std::string body = endpoint.download(*url, kMaxPictureBytes, context);
    const auto bytes = std::as_bytes(std::span(body));
    return {bytes.begin(), bytes.end()};
  }
  throw Error({.who = picture.file(), .expected = "b64_json or url", .got = "neither"});
}

}  // namespace

ImageOptions read_image_options(const JsonObject& object) {
  ImageOptions options = read_fields<ImageOptions>(object);
  for (const auto& [key, side] : {std::pair{"width", options.width}, std::pair{"height", options.height}}) {
    if (side >= 64 && side <= 4096) continue;
    throw Error({.who = object.who(key), .expected = "64 to 4096 pixels", .got = cat(side)});
  }
  if (options.reply != "b64_json" && options.reply != "url" && !options.reply.empty()) {
    throw Error({.who = object.who("reply"), .expected = "b64_json, url or \"\"", .got = printable(options.reply)});
  }
  return options;
}

std::string picture_extension(std::span<const std::byte> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.starts_with("\xff\xd8\xff")) return "jpg";
  if (text.starts_with("\x89PNG\r\n\x1a\n")) return "png";
  if (text.starts_with("RIFF") && text.size() > 12 && text.substr(8, 4) == "WEBP") return "webp";
  return "";
}

EncodedPicture ImageEndpoint::draw(const std::string& prompt, uint64_t stream, const CallContext& context) const {
  const EndpointOptions& options = endpoint_->options();
  nlohmann::ordered_json body{
      {"model", options.model}, {"prompt", prompt}, {"n", 1}, {"size", cat(options_.width, "x", options_.height)}};
  if (!options_.reply.empty()) body["response_format"] = options_.reply;
  if (options.send_seed) body["seed"] = RandomSource(endpoint_->seed(), stream).below(uint64_t{1} << 31);
  EncodedPicture drawn;
  const auto accept = [&](const nlohmann::json& json) {
    const JsonObject answer(json, "its answer");
    const nlohmann::json* data = answer.find("data");
    if (data == nullptr || !data->is_array() || data->empty()) {
      throw Error({.who = answer.who("data"), .expected = "a list with the picture", .got = "none"});
    }
    drawn.bytes = bytes_of(JsonObject(data->front(), answer.file(), "data[0]"), *endpoint_, context);
    drawn.extension = picture_extension(drawn.bytes);
    decode_picture(drawn.bytes, "its picture", {.limits = kPictureLimits});
  };
  endpoint_->post("/images/generations", body, stream, kMaxPictureAnswerBytes, accept, context);
  Usage& usage = *context.usage;
  ++usage.calls;
  ++usage.pictures;
  usage.cost += options.price_per_picture;
  return drawn;
}

}  // namespace fusion
