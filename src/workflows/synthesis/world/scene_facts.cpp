#include "workflows/synthesis/world/scene_facts.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "workflows/synthesis/items/palette.h"

namespace fusion {

namespace {

// Positions are written with three decimals; a difference of less is none.
constexpr double kRounding = 1e-6;
// A middle this far from a border between two regions is clearly on its side.
constexpr double kMargin = 0.04;

struct Words {
  std::string_view name;
  std::string_view words;
  std::string_view opposite;
};

constexpr std::array<Words, 4> kRelations = {{{"left", "to the left of", "right"},
                                              {"right", "to the right of", "left"},
                                              {"above", "above", "below"},
                                              {"below", "below", "above"}}};

constexpr std::array<Words, 9> kRegions = {{{"left", "on the left", "right"},
                                            {"right", "on the right", "left"},
                                            {"top", "at the top", "bottom"},
                                            {"bottom", "at the bottom", "top"},
                                            {"center", "in the center", ""},
                                            {"top left", "in the top left corner", "bottom right"},
                                            {"top right", "in the top right corner", "bottom left"},
                                            {"bottom left", "in the bottom left corner", "top right"},
                                            {"bottom right", "in the bottom right corner", "top left"}}};

template <class Table>
std::string_view words_of(const Table& table, std::string_view name) {
  const auto found = std::ranges::find(table, name, &Words::name);
  return found == table.end() ? std::string_view() : found->words;
}

/// -1: all of a's middles are clearly before b's; 1: behind; 0: neither.
int order(double a_low, double a_high, double a_first, double a_last, double b_low, double b_high, double b_first,
          double b_last) {
  const double clear = kClearDistance - kRounding;
  if (b_low - a_high >= clear && b_first - a_last >= -kRounding) return -1;
  if (a_low - b_high >= clear && a_first - b_last >= -kRounding) return 1;
  return 0;
}

/// 0, 1 or 2 for the third in which all middles between `low` and `high` clearly are; -1.
int third(double low, double high) {
  for (int part = 0; part < 3; ++part) {
    const double from = part == 0 ? 0 : part / 3.0 + kMargin;
    const double to = part == 2 ? 1 : (part + 1) / 3.0 - kMargin;
    if (low >= from - kRounding && high <= to + kRounding) return part;
  }
  return -1;
}

int64_t squared_distance(std::string_view a, std::string_view b) {
  const auto& first = palette_color(a).rgb;
  const auto& second = palette_color(b).rgb;
  int64_t sum = 0;
  for (size_t i = 0; i < first.size(); ++i) sum += int64_t{first[i] - second[i]} * (first[i] - second[i]);
  return sum;
}

int64_t line_count(std::string_view text) {
  return 1 + std::ranges::count(text, '\n');
}

}  // namespace

Extent extent(const Placement& place) {
  const double half_side = place.side / 2;
  return {.left = place.x - half_side,
          .right = place.x + half_side,
          .top = place.y - half_side,
          .bottom = place.y + half_side,
          .min_x = place.x,
          .max_x = place.x,
          .min_y = place.y,
          .max_y = place.y};
}

Extent extent(const Sign& sign) {
  Extent out = extent(sign.place);
  const double half_height = sign.place.side * sign_aspect(sign) / 2;
  out.top = sign.place.y - half_height;
  out.bottom = sign.place.y + half_height;
  return out;
}

Extent extent(const ObjectGroup& group) {
  Extent out = extent(group.places.front());
  for (const Placement& place : group.places) {
    const Extent one = extent(place);
    out.left = std::min(out.left, one.left);
    out.right = std::max(out.right, one.right);
    out.top = std::min(out.top, one.top);
    out.bottom = std::max(out.bottom, one.bottom);
    out.min_x = std::min(out.min_x, one.min_x);
    out.max_x = std::max(out.max_x, one.max_x);
    out.min_y = std::min(out.min_y, one.min_y);
    out.max_y = std::max(out.max_y, one.max_y);
  }
  return out;
}

std::string_view horizontal_relation(const Extent& a, const Extent& b) {
  const int side = order(a.min_x, a.max_x, a.left, a.right, b.min_x, b.max_x, b.left, b.right);
  return side < 0 ? "left" : side > 0 ? "right" : "";
}

std::string_view vertical_relation(const Extent& a, const Extent& b) {
  const int side = order(a.min_y, a.max_y, a.top, a.bottom, b.min_y, b.max_y, b.top, b.bottom);
  return side < 0 ? "above" : side > 0 ? "below" : "";
}

std::string_view relation(const Extent& a, const Extent& b) {
  const double dx = std::abs((a.min_x + a.max_x) - (b.min_x + b.max_x));
  const double dy = std::abs((a.min_y + a.max_y) - (b.min_y + b.max_y));
  const std::string_view across = horizontal_relation(a, b);
  const std::string_view upright = vertical_relation(a, b);
  if (!across.empty() && upright.empty() && dx >= 1.5 * dy) return across;
  if (!upright.empty() && across.empty() && dy >= 1.5 * dx) return upright;
  return "";
}

std::string_view relation_words(std::string_view relation) {
  return words_of(kRelations, relation);
}

std::string_view opposite(std::string_view relation) {
  for (const Words& each : kRelations) {
    if (each.name == relation) return each.opposite;
  }
  const auto found = std::ranges::find(kRegions, relation, &Words::name);
  return found == kRegions.end() ? std::string_view() : found->opposite;
}

std::string_view half(const Extent& extent) {
  if (extent.max_x <= 0.5 - 2 * kMargin + kRounding) return "left";
  return extent.min_x >= 0.5 + 2 * kMargin - kRounding ? "right" : "";
}

std::string_view vertical_half(const Extent& extent) {
  if (extent.max_y <= 0.5 - 2 * kMargin + kRounding) return "upper";
  return extent.min_y >= 0.5 + 2 * kMargin - kRounding ? "lower" : "";
}

std::string_view region(const Extent& extent) {
  constexpr std::string_view kNames[3][3] = {
      {"top left", "top", "top right"}, {"left", "center", "right"}, {"bottom left", "bottom", "bottom right"}};
  const int column = third(extent.min_x, extent.max_x);
  const int row = third(extent.min_y, extent.max_y);
  return column < 0 || row < 0 ? std::string_view() : kNames[row][column];
}

std::string_view region_words(std::string_view region) {
  return words_of(kRegions, region);
}

int64_t total(const Scene& scene) {
  int64_t sum = 0;
  for (const ObjectGroup& group : scene.groups) sum += group.count();
  return sum;
}

int64_t count_noun(const Scene& scene, std::string_view noun) {
  int64_t sum = 0;
  for (const ObjectGroup& group : scene.groups) sum += group.noun == noun ? group.count() : 0;
  return sum;
}

int64_t count_color(const Scene& scene, std::string_view color) {
  int64_t sum = 0;
  for (const ObjectGroup& group : scene.groups) sum += group.color == color ? group.count() : 0;
  return sum;
}

std::vector<const ObjectGroup*> groups_of(const Scene& scene, std::string_view noun) {
  std::vector<const ObjectGroup*> found;
  for (const ObjectGroup& group : scene.groups) {
    if (group.noun == noun) found.push_back(&group);
  }
  return found;
}

bool clearly_different(std::string_view color, std::string_view other) {
  constexpr int64_t kApart = 120;
  return squared_distance(color, other) >= kApart * kApart;
}

double sign_aspect(const Sign& sign) {
  const auto lines = static_cast<double>(line_count(sign.text));
  if (sign.spaced) return (lines + kSpacedMargin) / (static_cast<double>(longest_line(sign.text)) + kSpacedMargin);
  if (sign.surface == "poster") return std::min(1.3, 0.8 + 0.2 * lines);
  if (sign.surface == "banner") return 0.16 + 0.14 * lines;
  return std::min(0.9, 0.24 + 0.2 * lines);
}

int64_t longest_line(std::string_view text) {
  int64_t longest = 0;
  int64_t length = 0;
  for (const char c : text) {
    length = c == '\n' ? 0 : length + 1;
    longest = std::max(longest, length);
  }
  return longest;
}

std::string sign_line(const Sign& sign) {
  std::string line = sign.text;
  std::ranges::replace(line, '\n', ' ');
  return line;
}

}  // namespace fusion
