// WebP through libwebp. An animation gives its first frame, drawn on the canvas, as Pillow shows it.

#include <webp/decode.h>
#include <webp/demux.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>

#include "pipeline/preprocess/decode_formats.h"
#include "pipeline/preprocess/exif.h"

namespace fusion {

namespace {

struct FreeDemuxer {
  void operator()(WebPDemuxer* demuxer) const { WebPDemuxDelete(demuxer); }
};
struct FreeAnimation {
  void operator()(WebPAnimDecoder* decoder) const { WebPAnimDecoderDelete(decoder); }
};

std::string_view problem_of(VP8StatusCode status) {
  switch (status) {
    case VP8_STATUS_NOT_ENOUGH_DATA:
      return "it ends too early";
    case VP8_STATUS_OUT_OF_MEMORY:
      return "no memory for the decoder";
    case VP8_STATUS_UNSUPPORTED_FEATURE:
      return "a feature that the decoder does not know";
    default:
      return "its data make no sense";
  }
}

Picture first_frame(const EncodedBytes& encoded, const WebPData& data, const WebPBitstreamFeatures& features) {
  WebPAnimDecoderOptions options;
  if (WebPAnimDecoderOptionsInit(&options) == 0) throw_broken(encoded, "WebP", "another version of libwebp");
  options.color_mode = MODE_RGBA;
  options.use_threads = 0;
  const std::unique_ptr<WebPAnimDecoder, FreeAnimation> decoder(WebPAnimDecoderNew(&data, &options));
  uint8_t* canvas = nullptr;
  int timestamp = 0;
  if (!decoder || WebPAnimDecoderGetNext(decoder.get(), &canvas, &timestamp) == 0) {
    throw_broken(encoded, "WebP", "its first frame cannot be read");
  }
  Picture frame = Picture::blank(features.width, features.height, PixelMode::kRgba);
  std::copy_n(canvas, frame.pixels.size(), frame.pixels.begin());
  return features.has_alpha != 0 ? frame : to_rgb(frame);
}

Picture still_picture(const EncodedBytes& encoded, const WebPBitstreamFeatures& features) {
  const bool alpha = features.has_alpha != 0;
  Picture picture = Picture::blank(features.width, features.height, alpha ? PixelMode::kRgba : PixelMode::kRgb);
  WebPDecoderConfig config;
  if (WebPInitDecoderConfig(&config) == 0) throw_broken(encoded, "WebP", "another version of libwebp");
  config.output.colorspace = alpha ? MODE_RGBA : MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA.rgba = picture.pixels.data();
  config.output.u.RGBA.stride = static_cast<int>(picture.row_bytes());
  config.output.u.RGBA.size = picture.pixels.size();
  const VP8StatusCode status =
      WebPDecode(reinterpret_cast<const uint8_t*>(encoded.bytes.data()), encoded.bytes.size(), &config);
  if (status != VP8_STATUS_OK) throw_broken(encoded, "WebP", problem_of(status));
  return picture;
}

int orientation_of(const WebPData& data) {
  const std::unique_ptr<WebPDemuxer, FreeDemuxer> demuxer(WebPDemux(&data));
  WebPChunkIterator chunk{};
  if (!demuxer || WebPDemuxGetChunk(demuxer.get(), "EXIF", 1, &chunk) == 0) return 1;
  const int orientation = exif_orientation({reinterpret_cast<const std::byte*>(chunk.chunk.bytes), chunk.chunk.size});
  WebPDemuxReleaseChunkIterator(&chunk);
  return orientation;
}

}  // namespace

DecodedPicture decode_webp(const EncodedBytes& encoded) {
  const WebPData data{.bytes = reinterpret_cast<const uint8_t*>(encoded.bytes.data()), .size = encoded.bytes.size()};
  WebPBitstreamFeatures features;
  const VP8StatusCode status = WebPGetFeatures(data.bytes, data.size, &features);
  if (status != VP8_STATUS_OK) throw_broken(encoded, "WebP", problem_of(status));
  check_size(encoded, features.width, features.height);
  Picture picture =
      features.has_animation != 0 ? first_frame(encoded, data, features) : still_picture(encoded, features);
  return {.picture = std::move(picture), .orientation = orientation_of(data)};
}

}  // namespace fusion
