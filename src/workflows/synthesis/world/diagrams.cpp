#include "workflows/synthesis/world/diagrams.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "workflows/synthesis/items/palette.h"
#include "workflows/synthesis/world/color_choice.h"

namespace fusion {

namespace {

struct Theme {
  std::string_view title;
  std::array<std::string_view, 8> labels;
};

constexpr auto kThemes = std::to_array<Theme>({
    {"Fruit sold", {"apples", "pears", "plums", "grapes", "lemons", "kiwis", "figs", "limes"}},
    {"Pets in class", {"cats", "dogs", "fish", "birds", "mice", "frogs", "ducks", "goats"}},
    {"Books read", {"Anna", "Ben", "Carla", "David", "Emma", "Felix", "Grace", "Leo"}},
    {"Goals scored", {"Lions", "Bears", "Hawks", "Sharks", "Wolves", "Tigers", "Eagles", "Foxes"}},
    {"Rainy days", {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug"}},
    {"Visitors", {"zoo", "museum", "park", "pool", "cinema", "castle", "library", "farm"}},
    {"Favorite sport", {"soccer", "tennis", "golf", "rugby", "chess", "judo", "hockey", "skiing"}},
    {"Way to school", {"bus", "car", "bike", "walk", "train", "tram", "boat", "taxi"}},
    {"Drinks sold", {"tea", "coffee", "milk", "juice", "water", "cocoa", "soda", "cider"}},
    {"Trees planted", {"oak", "pine", "birch", "maple", "elm", "ash", "beech", "cedar"}},
});

constexpr Placement kWholePicture = {.x = 0.5, .y = 0.5, .side = 0.86};
constexpr int64_t kTallestBar = 10;
constexpr int64_t kPieStep = 5;

/// Numbers from 1 to 10, each at most once.
std::vector<int64_t> draw_bars(size_t count, RandomSource& random) {
  std::vector<int64_t> values;
  while (values.size() < count) {
    const int64_t value = random.between(1, kTallestBar);
    if (std::ranges::find(values, value) == values.end()) values.push_back(value);
  }
  return values;
}

/// Multiples of 5 that add up to 100, each at most once.
std::vector<int64_t> draw_shares(size_t count, RandomSource& random) {
  for (;;) {
    std::vector<int64_t> values;
    int64_t left = 100;
    while (values.size() + 1 < count && left > kPieStep) {
      values.push_back(kPieStep * random.between(1, left / kPieStep - 1));
      left -= values.back();
    }
    values.push_back(left);
    auto sorted = values;
    std::ranges::sort(sorted);
    if (values.size() == count && std::ranges::adjacent_find(sorted) == sorted.end()) return values;
  }
}

}  // namespace

Chart draw_chart(const std::string& backdrop, RandomSource& random) {
  const Theme& theme = random.pick(kThemes);
  const auto count = static_cast<size_t>(random.between(3, 5));
  auto labels = theme.labels;
  random.shuffle(std::span<std::string_view>(labels));
  Chart chart{.form = random.chance(0.65) ? "bar" : "pie",
              .title = std::string(theme.title),
              .labels = {labels.begin(), labels.begin() + static_cast<std::ptrdiff_t>(count)},
              .values = {},
              .colors = {},
              .place = kWholePicture};
  chart.values = chart.form == "bar" ? draw_bars(count, random) : draw_shares(count, random);
  while (chart.colors.size() < count) {
    chart.colors.push_back(draw_color({.clear_of = {backdrop}, .unlike = chart.colors}, random));
  }
  return chart;
}

void change_value(Chart& chart, size_t label, RandomSource& random) {
  auto& values = chart.values;
  if (chart.form == "pie") {
    const size_t other = (label + 1 + random.below(values.size() - 1)) % values.size();
    std::swap(values[label], values[other]);
    return;
  }
  int64_t value = values[label];
  while (std::ranges::find(values, value) != values.end()) value = random.between(1, kTallestBar);
  values[label] = value;
}

Grid draw_grid(const Cast& cast, const std::string& backdrop, RandomSource& random) {
  Grid grid{.rows = random.between(2, 4), .columns = random.between(2, 4), .cells = {}, .place = kWholePicture};
  std::vector<Grid::Cell> kinds;
  std::vector<const Thing*> things;
  std::vector<std::string> colors = {backdrop};
  const auto wanted = static_cast<size_t>(random.between(2, 3));
  while (kinds.size() < wanted) {
    const Thing* thing = cast.draw({.colored = true, .setting = nullptr, .unlike = things}, random);
    if (thing == nullptr) break;
    things.push_back(thing);
    colors.push_back(draw_color({.clear_of = colors}, random));
    kinds.push_back({random.pick(thing->colored)->id, thing->noun, colors.back()});
  }
  const auto cells = static_cast<size_t>(grid.rows * grid.columns);
  if (random.chance(0.3) && kinds.size() > 1) {
    grid.cells.assign(cells, kinds.front());
    Grid::Cell& odd = grid.cells[random.below(cells)];
    if (random.chance(0.5)) {
      odd.color = kinds.back().color;
    } else {
      odd = {kinds.back().look, kinds.back().noun, odd.color};
    }
    return grid;
  }
  const double empty = random.uniform(0, 0.35);
  for (size_t i = 0; i < cells; ++i) grid.cells.push_back(random.chance(empty) ? Grid::Cell{} : random.pick(kinds));
  if (std::ranges::all_of(grid.cells, [](const Grid::Cell& cell) { return cell.look.empty(); })) {
    random.pick(grid.cells) = kinds.front();
  }
  return grid;
}

}  // namespace fusion
