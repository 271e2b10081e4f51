#include "workflows/training/run_log/plot.h"

#include <cairo.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>
#include <memory>

#include "foundation/config/input_file.h"
#include "foundation/config/test_support.h"
#include "workflows/training/run_log/metrics_log.h"

namespace fusion {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

/// The pixels of a PNG as Cairo reads them.
class Pixels {
 public:
  explicit Pixels(const std::string& png) : rest_(png) {
    surface_ = cairo_image_surface_create_from_png_stream(read, &rest_);
    EXPECT_EQ(cairo_surface_status(surface_), CAIRO_STATUS_SUCCESS);
  }
  ~Pixels() { cairo_surface_destroy(surface_); }
  Pixels(const Pixels&) = delete;
  Pixels& operator=(const Pixels&) = delete;

  int width() const { return cairo_image_surface_get_width(surface_); }
  int height() const { return cairo_image_surface_get_height(surface_); }
  /// 0xRRGGBB
  uint32_t at(int x, int y) const {
    uint32_t pixel = 0;
    std::memcpy(&pixel, cairo_image_surface_get_data(surface_) + y * cairo_image_surface_get_stride(surface_) + 4 * x,
                4);
    return pixel & 0xFFFFFF;
  }
  /// Whether a pixel within `distance` of the place is bluer than it is red: ink of the first run, no grey.
  bool blue_near(double x, double y, int distance) const {
    for (int dy = -distance; dy <= distance; ++dy) {
      for (int dx = -distance; dx <= distance; ++dx) {
        const uint32_t pixel = at(static_cast<int>(x) + dx, static_cast<int>(y) + dy);
        if ((pixel & 0xFF) > (pixel >> 16) + 60) return true;
      }
    }
    return false;
  }

 private:
  static cairo_status_t read(void* from, unsigned char* data, unsigned int length) {
    auto& rest = *static_cast<std::string_view*>(from);
    if (rest.size() < length) return CAIRO_STATUS_READ_ERROR;
    std::memcpy(data, rest.data(), length);
    rest.remove_prefix(length);
    return CAIRO_STATUS_SUCCESS;
  }

  std::string_view rest_;
  cairo_surface_t* surface_ = nullptr;
};

double falling_loss(int64_t step) {
  return 0.5 + 4 * std::exp(-static_cast<double>(step) / 30);
}

RunRecord falling_run(int64_t steps) {
  RunRecord run{.name = "falling", .steps = {}, .validations = {}};
  for (int64_t step = 1; step <= steps; ++step) {
    run.steps.push_back({.step = step, .loss = falling_loss(step), .learning_rate = 1e-5, .tokens = 10, .seconds = 60});
  }
  run.validations = {{.step = 50, .loss = 3}};
  return run;
}

PlotOptions raw_loss() {
  PlotOptions options;
  options.metrics = {"loss"};
  options.smooth = 0;
  return options;
}

/// Where a panel shows a value.
Position place(const PanelFrame& panel, double x, double y) {
  return {panel.frame.left + (x - panel.left) / (panel.right - panel.left) * panel.frame.width,
          panel.frame.bottom() - (y - panel.bottom) / (panel.top - panel.bottom) * panel.frame.height};
}

TEST(Plot, TheCurveIsWhereItsValuesAre) {
  const Plot plot = draw_plot({falling_run(100)}, raw_loss(), PictureFormat::kPng);
  ASSERT_THAT(plot.panels, SizeIs(1));
  const PanelFrame& panel = plot.panels[0];
  EXPECT_EQ(panel.left, 0);
  EXPECT_EQ(panel.right, 100);
  EXPECT_EQ(panel.bottom, 0);
  const Pixels pixels(plot.bytes);
  for (int64_t step = 5; step < 100; ++step) {
    const Position at = place(panel, static_cast<double>(step), falling_loss(step));
    EXPECT_TRUE(pixels.blue_near(at.x, at.y, 1)) << step;
    const bool marker = std::abs(step - 50) < 5;
    if (!marker) {
      EXPECT_FALSE(pixels.blue_near(at.x, at.y + 25, 3)) << step;
    }
  }
  const Position validation = place(panel, 50, 3);
  EXPECT_TRUE(pixels.blue_near(validation.x, validation.y, 0));
  EXPECT_EQ(pixels.at(0, 0), 0xFFFFFFu);
}

TEST(Plot, ValidationsAloneAreJoined) {
  RunRecord run = falling_run(100);
  run.validations = {{.step = 20, .exact_match = 0.2}, {.step = 80, .exact_match = 0.8}};
  PlotOptions options;
  options.metrics = {"exact_match"};
  const Plot plot = draw_plot({run}, options, PictureFormat::kPng);
  const Position between = place(plot.panels[0], 50, 0.5);
  EXPECT_TRUE(Pixels(plot.bytes).blue_near(between.x, between.y, 1));
}

TEST(Plot, SmoothingKeepsTheRawCurveFaintBehind) {
  RunRecord run = falling_run(100);
  for (size_t i = 0; i < run.steps.size(); ++i) run.steps[i].loss = i % 2 == 0 ? 1 : 3;
  run.validations.clear();
  PlotOptions options = raw_loss();
  options.smooth = 0.95;
  const Plot plot = draw_plot({run}, options, PictureFormat::kPng);
  const Pixels pixels(plot.bytes);
  const Position mean = place(plot.panels[0], 90, 2);
  EXPECT_TRUE(pixels.blue_near(mean.x, mean.y, 3));
  const Position raw = place(plot.panels[0], 90, 1.3);
  EXPECT_FALSE(pixels.blue_near(raw.x, raw.y, 6)) << "too strong";
  bool faint = false;
  for (int dx = 0; dx < 12; ++dx) faint |= pixels.at(static_cast<int>(raw.x) + dx, static_cast<int>(raw.y)) != 0xFFFFFF;
  EXPECT_TRUE(faint);
}

TEST(Plot, LogarithmicAxesHoldWhatIsPositive) {
  RunRecord run = falling_run(100);
  run.steps[20].loss = 0;
  run.steps[21].loss = std::numeric_limits<double>::quiet_NaN();
  run.steps[22].loss = -1;
  PlotOptions options = raw_loss();
  options.log = true;
  const Plot plot = draw_plot({run}, options, PictureFormat::kPng);
  const PanelFrame& panel = plot.panels[0];
  EXPECT_NEAR(panel.bottom, falling_loss(100), 0.1);
  const double share = std::log(falling_loss(70) / panel.bottom) / std::log(panel.top / panel.bottom);
  const Pixels pixels(plot.bytes);
  EXPECT_TRUE(pixels.blue_near(panel.frame.left + 0.7 * panel.frame.width,
                               panel.frame.bottom() - share * panel.frame.height, 1));
}

TEST(Plot, DrawsWhatIsThereAndAsLargeAsAsked) {
  const auto metrics = [](const Plot& plot) {
    std::vector<std::string> names;
    for (const PanelFrame& panel : plot.panels) names.push_back(panel.metric);
    return names;
  };
  PlotOptions options;
  RunRecord run = falling_run(3);
  EXPECT_THAT(metrics(draw_plot({run}, options, PictureFormat::kPng)),
              ElementsAre("loss", "loss_ce", "loss_cos_vision", "learning_rate"));
  run.steps[1].grad_norm = 2;
  options.width = 1000;
  options.height = 500;
  const Plot plot = draw_plot({run, run}, options, PictureFormat::kPng);
  EXPECT_THAT(metrics(plot), ElementsAre("loss", "loss_ce", "loss_cos_vision", "grad_norm", "learning_rate"));
  const Pixels pixels(plot.bytes);
  EXPECT_EQ(pixels.width(), 1000);
  EXPECT_EQ(pixels.height(), 500);
  for (const PanelFrame& panel : plot.panels) {
    EXPECT_GT(panel.frame.width, 100);
    EXPECT_LE(panel.frame.right(), 1000);
    EXPECT_LE(panel.frame.bottom(), 500);
  }
}

TEST(Plot, DrawsAnythingThatARunMaySay) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (const double value : {0.0, 1.0, -1.0, 1e-300, 1e300, -1e300, kNan, kInfinity}) {
    for (const bool log : {false, true}) {
      RunRecord run{.name = "<b>&\xFF", .steps = {}, .validations = {}};
      run.steps = {{.step = 1, .loss = value, .seconds = kNan}};
      if (value != 1) run.steps.push_back({.step = int64_t{1} << 60, .loss = value, .seconds = kInfinity});
      PlotOptions options = raw_loss();
      options.log = log;
      options.smooth = 0.5;
      options.x = log ? PlotAxis::kTime : PlotAxis::kTokens;
      const Plot plot = draw_plot({run}, options, PictureFormat::kPng);
      EXPECT_LT(plot.panels[0].left, plot.panels[0].right) << value;
      EXPECT_LT(plot.panels[0].bottom, plot.panels[0].top) << value;
      EXPECT_EQ(Pixels(plot.bytes).at(0, 0), 0xFFFFFFu);
    }
  }
}

TEST(Plot, TimeIsShownInAUnitOfItsSize) {
  PlotOptions options = raw_loss();
  options.x = PlotAxis::kTime;
  EXPECT_EQ(draw_plot({falling_run(100)}, options, PictureFormat::kPng).panels[0].right, 100);  // minutes
  EXPECT_EQ(draw_plot({falling_run(600)}, options, PictureFormat::kPng).panels[0].right, 10);   // hours
}

TEST(Plot, AnSvgIsWellFormed) {
  RunRecord run = falling_run(3);
  run.name = "<b>&\xFF";
  const std::string svg = draw_plot({run, run}, {}, PictureFormat::kSvg).bytes;
  EXPECT_THAT(svg, StartsWith("<?xml"));
  EXPECT_THAT(svg, EndsWith("</svg>\n"));
  // Every tag that is opened is closed in its turn.
  std::vector<std::string> open;
  for (size_t at = svg.find('<'); at != std::string::npos; at = svg.find('<', at + 1)) {
    const size_t end = svg.find('>', at);
    ASSERT_NE(end, std::string::npos);
    const std::string tag = svg.substr(at + 1, end - at - 1);
    if (tag.starts_with('?') || tag.ends_with('/')) continue;
    if (!tag.starts_with('/')) {
      open.push_back(tag.substr(0, tag.find_first_of(" \n")));
      continue;
    }
    ASSERT_FALSE(open.empty());
    EXPECT_EQ(tag.substr(1), open.back());
    open.pop_back();
  }
  EXPECT_TRUE(open.empty());
}

TEST(Plot, RefusesWhatItCannotDraw) {
  const RunRecord run = falling_run(3);
  const auto error = [&](const auto& change) {
    PlotOptions options = raw_loss();
    change(options);
    return error_of([&] { draw_plot({run}, options, PictureFormat::kPng); });
  };
  EXPECT_THAT(error([](PlotOptions& options) { options.metrics = {"los"}; }), HasSubstr("did you mean 'loss'?"));
  EXPECT_THAT(error([](PlotOptions& options) { options.metrics = {"grad_norm"}; }),
              HasSubstr("expected values of grad_norm in a run, got none"));
  EXPECT_THAT(error([](PlotOptions& options) { options.smooth = 1; }), HasSubstr("from 0 to 0.9999, got 1"));
  EXPECT_THAT(error([](PlotOptions& options) { options.smooth = std::nan(""); }), HasSubstr("got nan"));
  EXPECT_THAT(error([](PlotOptions& options) { options.width = 10; }), HasSubstr("from 200 to 8000, got 10"));
  EXPECT_THAT(error_of([&] {
                PlotOptions options = raw_loss();
                options.height = 200;
                options.width = 200;
                draw_plot(std::vector<RunRecord>(200, run), options, PictureFormat::kPng);
              }),
              HasSubstr("room for the panels"));
}

TEST(PlotRuns, WritesAFileInOnePiece) {
  const ScratchFolder folder;
  MetricsLog log(folder.path(), 0);
  log.add(StepMetrics{.step = 1, .loss = 2});
  plot_runs({folder.path()}, folder / "a.png", raw_loss());
  plot_runs({log.path()}, folder / "a.svg", raw_loss());
  const std::string png = read_text_file(folder / "a.png", 1 << 20);
  EXPECT_THAT(png, StartsWith("\x89PNG"));
  EXPECT_THAT(error_of([&] { plot_runs({folder.path()}, folder / "a.pdf", {}); }),
              HasSubstr("a file name that ends in .png or .svg, got"));
  EXPECT_THAT(error_of([&] { plot_runs({folder.path()}, folder / "a", {}); }), HasSubstr("ends in .png or .svg"));
  EXPECT_THAT(error_of([&] { plot_runs({folder.path()}, folder / "none/a.png", {}); }), HasSubstr("folder exists"));
  const FileSizeLimit limit(100);
  EXPECT_THAT(error_of([&] { plot_runs({folder.path()}, folder / "a.png", {}); }), HasSubstr("the disk is full"));
  EXPECT_EQ(read_text_file(folder / "a.png", 1 << 20), png);
}

}  // namespace
}  // namespace fusion
