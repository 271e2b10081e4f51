#include "workflows/synthesis/render/painter.h"

#include "foundation/core/text.h"
#include "workflows/synthesis/render/encode.h"

namespace fusion {

namespace {

Picture draw_scenes(const Renderer& renderer, const Item& item) {
  if (item.scenes.empty() || item.scenes.size() > 2) {
    throw CallFailed({.who = cat("the picture of item ", item.id),
                      .expected = "one scene or two",
                      .got = cat(item.scenes.size()),
                      .hint = "the embedded painter draws only what the embedded world made"});
  }
  try {
    Picture picture = renderer.render(item.scenes[0]);
    return item.scenes.size() == 1 ? picture : side_by_side(picture, renderer.render(item.scenes[1]));
  } catch (const Error& error) {
    throw CallFailed(error.parts());
  }
}

}  // namespace

EncodedPicture EmbeddedPainter::draw(const Item& item, const CallContext& context) {
  const Picture picture = draw_scenes(*renderer_, item);
  const RenderOptions& options = renderer_->options();
  EncodedPicture encoded =
      options.format == "png" ? encode_png(picture) : encode_jpeg(picture, static_cast<int>(options.quality));
  if (context.usage != nullptr) {
    ++context.usage->calls;
    ++context.usage->pictures;
  }
  return encoded;
}

}  // namespace fusion
