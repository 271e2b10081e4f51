#include "workflows/synthesis/render/renderer.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <vector>

#include "foundation/core/error.h"
#include "foundation/core/random_source.h"
#include "foundation/core/text.h"
#include "workflows/synthesis/render/figure.h"
#include "workflows/synthesis/render/finish.h"
#include "workflows/synthesis/render/panels.h"
#include "workflows/synthesis/render/scene_check.h"
#include "workflows/synthesis/render/scenery.h"
#include "workflows/synthesis/world/scene_facts.h"
#include "workflows/synthesis/world/settings.h"

namespace fusion {

namespace {

constexpr size_t kCacheBytes = 96U << 20;
constexpr int64_t kSmallestSide = 64;
constexpr int64_t kLargestSide = 2048;

/// Streams of random numbers of one picture: what is drawn in one never moves what is drawn in another.
enum Stream : uint64_t { kSceneryStream = 1, kFigureStream, kPanelStream, kFinishStream };

/// One picture under construction.
class Sheet {
 public:
  Sheet(const Scene& scene, const RenderOptions& options, const FigureDrawer& figures)
      : scene_(scene),
        options_(options),
        figures_(figures),
        width_(static_cast<double>(options.width)),
        height_(static_cast<double>(options.height)),
        pixels_(static_cast<size_t>(options.width * options.height)) {
    const auto width = static_cast<int>(options.width);
    auto* const data = reinterpret_cast<unsigned char*>(pixels_.data());
    surface_.reset(cairo_image_surface_create_for_data(data, CAIRO_FORMAT_RGB24, width,
                                                       static_cast<int>(options.height), 4 * width));
    require(cairo_surface_status(surface_.get()));
    context_.reset(cairo_create(surface_.get()));
    pen_ = Pen(context_.get());
  }

  Picture draw() {
    draw_background();
    draw_panels();
    draw_figures();
    require(cairo_status(context_.get()));
    cairo_surface_flush(surface_.get());
    RandomSource random(scene_.look_seed, kFinishStream);
    const FinishOptions strengths{.light = options_.light, .texture = options_.texture, .noise = options_.noise};
    return finished(pixels_, options_.width, options_.height, draw_finish(strengths, random));
  }

 private:
  double shorter_side() const { return std::min(width_, height_); }

  /// Of a placement that is `aspect` times as high as wide.
  Frame frame_of(const Placement& place, double aspect = 1) const {
    const double wide = place.side * shorter_side();
    return {place.x * width_ - wide / 2, place.y * height_ - wide * aspect / 2, wide, wide * aspect};
  }

  void draw_background() {
    RandomSource random(scene_.look_seed, kSceneryStream);
    const Saved saved(context_.get());
    cairo_scale(context_.get(), height_, height_);
    const Tone backdrop = scene_.backdrop.empty() ? kPanel : palette_tone(scene_.backdrop);
    const double ground = setting_facts(scene_.setting).ground;
    draw_scenery({pen_, random, width_ / height_, ground, backdrop}, scene_.setting);
  }

  void draw_panels() {
    constexpr std::array kFaces = {Typeface::kSansBold, Typeface::kSansBold, Typeface::kSerifBold,
                                   Typeface::kCondensedBold, Typeface::kMonoBold};
    RandomSource random(scene_.look_seed, kPanelStream);
    const PanelStyle style{.face = random.pick(kFaces),
                           .outline = random.uniform(1.4, 2.4),
                           .sheen = options_.texture * random.uniform(0, 0.08)};
    if (scene_.grid) draw_grid(pen_, *scene_.grid, frame_of(scene_.grid->place), style, figures_);
    if (scene_.chart) draw_chart(pen_, *scene_.chart, frame_of(scene_.chart->place));
    for (const Sign& sign : scene_.signs) draw_sign(pen_, sign, frame_of(sign.place, sign_aspect(sign)), style);
  }

  void draw_figures() {
    RandomSource random(scene_.look_seed, kFigureStream);
    const bool floating = scene_.setting == "space" || scene_.setting == "sky" || scene_.setting == "underwater";
    const double shadow = random.chance(0.6) && !floating ? 0.2 * options_.light : 0;
    const double shift = random.uniform(0.02, 0.05);
    const double outline = random.uniform(1.5, 2.6);
    const double sheen = options_.texture * random.uniform(0, 0.09);
    std::vector<Figure> figures;
    for (const ObjectGroup& group : scene_.groups) {
      const Look& look = figures_.catalogue().find(group.look);
      const DrawnStyle style{
          .color = look.takes_color ? jittered(group.color, random) : kInk, .outline = outline, .sheen = sheen};
      for (const Placement& place : group.places) figures.push_back(figure_of(look, style, place, random));
    }
    // All shadows first, so that none falls on a thing.
    for (Figure figure : figures) {
      if (shadow == 0) break;
      figure.x += shift * figure.side;
      figure.y += 1.3 * shift * figure.side;
      figures_.draw_shadow(context_.get(), figure, shadow);
    }
    for (const Figure& figure : figures) figures_.draw(context_.get(), figure);
  }

  Tone jittered(const std::string& color, RandomSource& random) const {
    const Tone tone = palette_tone(color);
    const double reach = options_.jitter * 7 / 255;
    const auto near = [&](double value) { return std::clamp(value + random.uniform(-reach, reach), 0.0, 1.0); };
    const double red = near(tone.red);
    const double green = near(tone.green);
    return {red, green, near(tone.blue)};
  }

  Figure figure_of(const Look& look, const DrawnStyle& style, const Placement& place, RandomSource& random) const {
    const double jitter = options_.jitter;
    Figure figure{.look = &look, .style = style, .mirrored = place.mirrored};
    figure.x = (place.x + jitter * random.uniform(-0.004, 0.004)) * width_;
    figure.y = (place.y + jitter * random.uniform(-0.004, 0.004)) * height_;
    figure.side = place.side * shorter_side() * (1 - jitter * random.uniform(0, 0.06));
    figure.turn = place.turn + jitter * random.uniform(-4, 4);
    return figure;
  }

  const Scene& scene_;
  const RenderOptions& options_;
  const FigureDrawer& figures_;
  double width_;
  double height_;
  std::vector<uint32_t> pixels_;
  SurfacePointer surface_;
  ContextPointer context_;
  Pen pen_{nullptr};
};

void check_range(const std::string& who, std::string_view name, double value, double low, double high) {
  if (value >= low && value <= high) return;
  throw Error({.who = cat(who, ": ", name), .expected = cat(low, " to ", high), .got = cat(value)});
}

}  // namespace

void check_render_options(const RenderOptions& options, const std::string& who) {
  check_range(who, "width", static_cast<double>(options.width), kSmallestSide, kLargestSide);
  check_range(who, "height", static_cast<double>(options.height), kSmallestSide, kLargestSide);
  check_range(who, "quality", static_cast<double>(options.quality), 1, 100);
  for (const auto& [name, value] : {std::pair{"noise", options.noise},
                                    {"light", options.light},
                                    {"texture", options.texture},
                                    {"jitter", options.jitter}}) {
    check_range(who, name, value, 0, 1);
  }
  if (options.format != "jpeg" && options.format != "png") {
    throw Error(
        {.who = cat(who, ": format"), .expected = "jpeg or png", .got = cat("'", printable(options.format), "'")});
  }
}

struct Renderer::Shared {
  RasterCache cache{kCacheBytes};
};

Renderer::Renderer(std::shared_ptr<const Catalogue> catalogue, const RenderOptions& options)
    : catalogue_(std::move(catalogue)), options_(options), shared_(std::make_unique<Shared>()) {
  check_render_options(options_, "pictures");
}

Renderer::~Renderer() = default;

Picture Renderer::render(const Scene& scene) const {
  check_scene(scene);
  const FigureDrawer figures(*catalogue_, shared_->cache);
  return Sheet(scene, options_, figures).draw();
}

}  // namespace fusion
