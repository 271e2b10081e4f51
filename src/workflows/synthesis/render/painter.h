#pragma once
// The embedded painter: draws what the world knows.

#include <memory>

#include "workflows/synthesis/items/roles.h"
#include "workflows/synthesis/render/renderer.h"

namespace fusion {

class EmbeddedPainter final : public Painter {
 public:
  explicit EmbeddedPainter(std::shared_ptr<const Renderer> renderer) : renderer_(std::move(renderer)) {}

  /// The item's scenes beside each other, in the renderer's format. Throws CallFailed where it has none or one that
  /// cannot be drawn.
  EncodedPicture draw(const Item& item, const CallContext& context) override;

 private:
  std::shared_ptr<const Renderer> renderer_;
};

}  // namespace fusion
