#pragma once
// A picture model behind POST /images/generations.

#include <cstdint>
#include <memory>
#include <string>
#include <tuple>

#include "foundation/config/fields.h"
#include "workflows/synthesis/endpoints/endpoint.h"

namespace fusion {

struct ImageOptions {
  int64_t width = 512;
  int64_t height = 512;
  std::string reply = "b64_json";

  static constexpr auto fields() {
    return std::tuple(
        defaulted("width", &ImageOptions::width, "pixels to ask for, 64 to 4096"),
        defaulted("height", &ImageOptions::height, "pixels to ask for, 64 to 4096"),
        defaulted("reply", &ImageOptions::reply, "response_format to ask for: b64_json, url, or \"\" to ask for none"));
  }
};

/// Throws Error on an unknown key and on a value out of its range.
ImageOptions read_image_options(const JsonObject& object);

/// The format that a picture file's first bytes are of: "jpg", "png" or "webp"; "" for another one.
std::string picture_extension(std::span<const std::byte> bytes);

class ImageEndpoint {
 public:
  ImageEndpoint(std::shared_ptr<Endpoint> endpoint, const ImageOptions& options)
      : endpoint_(std::move(endpoint)), options_(options) {}

  /// A picture of what `prompt` says, as the server encoded it. It decodes, and has at most 4096 pixels a side; its
  /// size is the server's choice. Throws as Endpoint::post does.
  EncodedPicture draw(const std::string& prompt, uint64_t stream, const CallContext& context) const;

 private:
  std::shared_ptr<Endpoint> endpoint_;
  ImageOptions options_;
};

}  // namespace fusion
