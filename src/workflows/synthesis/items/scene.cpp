#include "workflows/synthesis/items/scene.h"

#include "foundation/config/json_object.h"
#include "foundation/core/error.h"
#include "workflows/synthesis/items/hex64.h"
#include "workflows/synthesis/items/json_parts.h"
#include "workflows/synthesis/items/palette.h"

namespace fusion {

namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr int64_t kMaxGridSide = 64;

[[noreturn]] void refuse(const JsonObject& object, std::string_view key, std::string expected, std::string got) {
  throw Error({.who = object.who(key), .expected = std::move(expected), .got = std::move(got)});
}

/// A palette name, or "" where there is none.
void get_color(const JsonObject& object, std::string_view key, std::string& color) {
  get(object, key, color);
  if (!color.empty()) palette_color(color);
}

std::string required_color(const JsonObject& object, std::string_view key) {
  auto color = object.required<std::string>(key);
  palette_color(color);
  return color;
}

double required_between(const JsonObject& object, std::string_view key, double min, double max) {
  const auto value = object.required<double>(key);
  if (!(value >= min && value <= max)) refuse(object, key, cat("a number from ", min, " to ", max), cat(value));
  return value;
}

ordered_json placement_to_json(const Placement& place) {
  ordered_json out{{"x", place.x}, {"y", place.y}, {"side", place.side}};
  put(out, "turn", place.turn);
  put(out, "mirrored", place.mirrored);
  return out;
}

Placement placement_from_json(const json& value, const std::string& who) {
  const JsonObject object(value, who);
  Placement place{.x = required_between(object, "x", 0, 1),
                  .y = required_between(object, "y", 0, 1),
                  .side = required_between(object, "side", 0.001, 1)};
  get(object, "turn", place.turn);
  get(object, "mirrored", place.mirrored);
  object.refuse_unread_keys();
  return place;
}

Placement placement_under(const JsonObject& object, std::string_view key) {
  const json* value = object.find(key);
  if (value == nullptr) refuse(object, key, "a placement", "no such key");
  return placement_from_json(*value, object.who(key));
}

ordered_json group_to_json(const ObjectGroup& group) {
  ordered_json out{{"look", group.look}, {"noun", group.noun}, {"nouns", group.nouns}};
  put(out, "category", group.category);
  put(out, "color", group.color);
  put(out, "size", group.size);
  put_list(out, "places", group.places, placement_to_json);
  return out;
}

ObjectGroup group_from_json(const json& value, const std::string& who) {
  const JsonObject object(value, who);
  ObjectGroup group{.look = object.required<std::string>("look"),
                    .noun = object.required<std::string>("noun"),
                    .nouns = object.required<std::string>("nouns"),
                    .category = {},
                    .color = {},
                    .size = {},
                    .places = {}};
  get(object, "category", group.category);
  get_color(object, "color", group.color);
  get(object, "size", group.size);
  get_list(object, "places", group.places, placement_from_json);
  object.refuse_unread_keys();
  return group;
}

ordered_json sign_to_json(const Sign& sign) {
  ordered_json out{{"surface", sign.surface},
                   {"text", sign.text},
                   {"ink", sign.ink},
                   {"paper", sign.paper},
                   {"place", placement_to_json(sign.place)}};
  put(out, "spaced", sign.spaced);
  return out;
}

Sign sign_from_json(const json& value, const std::string& who) {
  const JsonObject object(value, who);
  Sign sign{.surface = object.required<std::string>("surface"),
            .text = object.required<std::string>("text"),
            .ink = required_color(object, "ink"),
            .paper = required_color(object, "paper"),
            .place = placement_under(object, "place")};
  get(object, "spaced", sign.spaced);
  object.refuse_unread_keys();
  return sign;
}

ordered_json chart_to_json(const Chart& chart) {
  return {{"form", chart.form},     {"title", chart.title},   {"labels", chart.labels},
          {"values", chart.values}, {"colors", chart.colors}, {"place", placement_to_json(chart.place)}};
}

Chart chart_from_json(const json& value, const std::string& who) {
  const JsonObject object(value, who);
  Chart chart{.form = object.required<std::string>("form"),
              .title = object.required<std::string>("title"),
              .labels = object.required<std::vector<std::string>>("labels"),
              .values = object.required<std::vector<int64_t>>("values"),
              .colors = object.required<std::vector<std::string>>("colors"),
              .place = placement_under(object, "place")};
  object.refuse_unread_keys();
  if (chart.form != "bar" && chart.form != "pie") refuse(object, "form", "bar or pie", printable(chart.form));
  for (const std::string& color : chart.colors) palette_color(color);
  if (chart.labels.size() != chart.values.size() || chart.labels.size() != chart.colors.size()) {
    refuse(object, "values", "as many labels, values and colors",
           cat(chart.labels.size(), ", ", chart.values.size(), " and ", chart.colors.size()));
  }
  return chart;
}

ordered_json cell_to_json(const Grid::Cell& cell) {
  auto out = ordered_json::object();
  put(out, "look", cell.look);
  put(out, "noun", cell.noun);
  put(out, "color", cell.color);
  return out;
}

Grid::Cell cell_from_json(const json& value, const std::string& who) {
  const JsonObject object(value, who);
  Grid::Cell cell;
  get(object, "look", cell.look);
  get(object, "noun", cell.noun);
  get_color(object, "color", cell.color);
  object.refuse_unread_keys();
  return cell;
}

ordered_json grid_to_json(const Grid& grid) {
  ordered_json out{{"rows", grid.rows}, {"columns", grid.columns}, {"place", placement_to_json(grid.place)}};
  put_list(out, "cells", grid.cells, cell_to_json);
  return out;
}

Grid grid_from_json(const json& value, const std::string& who) {
  const JsonObject object(value, who);
  Grid grid{.rows = object.required_in_range("rows", 1, kMaxGridSide),
            .columns = object.required_in_range("columns", 1, kMaxGridSide),
            .cells = {},
            .place = placement_under(object, "place")};
  get_list(object, "cells", grid.cells, cell_from_json);
  object.refuse_unread_keys();
  const auto expected = static_cast<size_t>(grid.rows * grid.columns);
  if (grid.cells.size() != expected) refuse(object, "cells", cat(expected, " of them"), cat(grid.cells.size()));
  return grid;
}

}  // namespace

ordered_json scene_to_json(const Scene& scene) {
  ordered_json out{{"setting", scene.setting}};
  put(out, "backdrop", scene.backdrop);
  put_list(out, "groups", scene.groups, group_to_json);
  put_list(out, "signs", scene.signs, sign_to_json);
  if (scene.chart) out["chart"] = chart_to_json(*scene.chart);
  if (scene.grid) out["grid"] = grid_to_json(*scene.grid);
  out["look_seed"] = to_hex64(scene.look_seed);
  return out;
}

Scene scene_from_json(const json& value, const std::string& who) {
  const JsonObject object(value, who);
  Scene scene;
  scene.setting = object.required<std::string>("setting");
  get_color(object, "backdrop", scene.backdrop);
  get_list(object, "groups", scene.groups, group_from_json);
  get_list(object, "signs", scene.signs, sign_from_json);
  if (const json* chart = object.find("chart")) scene.chart = chart_from_json(*chart, object.who("chart"));
  if (const json* grid = object.find("grid")) scene.grid = grid_from_json(*grid, object.who("grid"));
  scene.look_seed = required_hex64(object, "look_seed");
  object.refuse_unread_keys();
  return scene;
}

}  // namespace fusion
