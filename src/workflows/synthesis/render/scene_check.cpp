#include "workflows/synthesis/render/scene_check.h"

#include <cmath>
#include <string>
#include <utility>

#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

constexpr size_t kMostThings = 1000;
constexpr size_t kMostSigns = 100;
constexpr size_t kMostValues = 24;
constexpr int64_t kMostCells = 400;
/// Of a chart: sums of all of them stay exact.
constexpr int64_t kLargestValue = 1'000'000'000'000;

[[noreturn]] void refuse(std::string expected, std::string got) {
  throw Error({.who = "a scene to be drawn", .expected = std::move(expected), .got = std::move(got)});
}

void check(const Placement& place) {
  for (const double value : {place.x, place.y, place.side, place.turn}) {
    if (!std::isfinite(value)) refuse("places that are numbers", cat(value));
  }
  if (std::abs(place.x) > 4 || std::abs(place.y) > 4 || std::abs(place.turn) > 3600) {
    refuse("places near the picture", cat("x ", place.x, ", y ", place.y, ", turn ", place.turn));
  }
  if (place.side <= 0 || place.side > 4) refuse("sides above 0, up to 4", cat(place.side));
}

void check(const Chart& chart) {
  check(chart.place);
  if (chart.form != "bar" && chart.form != "pie") refuse("a bar or pie chart", printable(chart.form));
  const size_t count = chart.values.size();
  if (count == 0 || count > kMostValues) refuse(cat("a chart of 1 to ", kMostValues, " values"), cat(count));
  if (chart.labels.size() != count || chart.colors.size() != count) {
    refuse("a label and a colour for each value of a chart",
           cat(count, " values, ", chart.labels.size(), " labels, ", chart.colors.size(), " colours"));
  }
  for (const int64_t value : chart.values) {
    if (value < 0 || value > kLargestValue) refuse(cat("values of a chart from 0 to ", kLargestValue), cat(value));
  }
}

void check(const Grid& grid) {
  check(grid.place);
  if (grid.rows < 1 || grid.columns < 1 || grid.rows > kMostCells || grid.columns > kMostCells ||
      grid.rows * grid.columns > kMostCells) {
    refuse(cat("a grid of 1 to ", kMostCells, " cells"), cat(grid.rows, " rows, ", grid.columns, " columns"));
  }
  if (grid.cells.size() != static_cast<size_t>(grid.rows * grid.columns)) {
    refuse(cat(grid.rows * grid.columns, " cells in a grid"), cat(grid.cells.size()));
  }
}

}  // namespace

void check_scene(const Scene& scene) {
  size_t things = 0;
  for (const ObjectGroup& group : scene.groups) {
    things += group.places.size();
    for (const Placement& place : group.places) check(place);
  }
  if (things > kMostThings) refuse(cat("at most ", kMostThings, " things"), cat(things));
  if (scene.signs.size() > kMostSigns) refuse(cat("at most ", kMostSigns, " signs"), cat(scene.signs.size()));
  for (const Sign& sign : scene.signs) check(sign.place);
  if (scene.chart) check(*scene.chart);
  if (scene.grid) check(*scene.grid);
}

}  // namespace fusion
