#pragma once
// Scenes into pictures.
//
//     const Renderer renderer(Catalogue::open(), {.width = 384, .height = 384});
//     const EncodedPicture file = encode_jpeg(renderer.render(scene), 90);
//
// A picture depends on the scene and the options alone: not on the thread that draws it, nor on what was drawn before.
// Between machines it is the same where Cairo, Pango, librsvg and the fonts are of the same versions.

#include <cstdint>
#include <memory>
#include <string>

#include "foundation/config/fields.h"
#include "pipeline/preprocess/picture.h"
#include "workflows/synthesis/catalogue/catalogue.h"
#include "workflows/synthesis/items/scene.h"

namespace fusion {

struct RenderOptions {
  int64_t width = 384;
  int64_t height = 384;
  std::string format = "jpeg";
  int64_t quality = 90;
  double noise = 0.5;
  double light = 0.5;
  double texture = 0.5;
  double jitter = 0.5;

  static constexpr auto fields() {
    return std::tuple(defaulted("width", &RenderOptions::width, "pixels, 64 to 2048"),
                      defaulted("height", &RenderOptions::height, "pixels, 64 to 2048"),
                      defaulted("format", &RenderOptions::format, "jpeg or png"),
                      defaulted("quality", &RenderOptions::quality, "of a JPEG, 1 to 100"),
                      defaulted("noise", &RenderOptions::noise, "strength of the grain, 0 to 1"),
                      defaulted("light", &RenderOptions::light, "strength of light and shadow, 0 to 1"),
                      defaulted("texture", &RenderOptions::texture, "strength of sheen, texture and softness, 0 to 1"),
                      defaulted("jitter", &RenderOptions::jitter,
                                "how far things of one scene differ in place, size, turn and tone, 0 to 1"));
  }
};

/// Throws Error where an option is out of its range. `who` is what the Error is about.
void check_render_options(const RenderOptions& options, const std::string& who);

/// Any number of threads may draw at once. They share what they drew of the catalogue's files, up to 96 MiB.
class Renderer {
 public:
  /// Throws Error where an option is out of its range.
  Renderer(std::shared_ptr<const Catalogue> catalogue, const RenderOptions& options);
  ~Renderer();
  Renderer(const Renderer&) = delete;
  Renderer& operator=(const Renderer&) = delete;

  const RenderOptions& options() const { return options_; }

  /// The scene in RGB. Throws Error where it holds what cannot be drawn: an unknown look, colour or setting, numbers
  /// that are none, more than 1000 things, a chart without values, a grid with too few cells.
  Picture render(const Scene& scene) const;

 private:
  struct Shared;

  std::shared_ptr<const Catalogue> catalogue_;
  RenderOptions options_;
  std::unique_ptr<Shared> shared_;
};

}  // namespace fusion
