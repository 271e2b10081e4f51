#pragma once
// What a drawn picture shows, exactly: the source of every caption and of every answer of the embedded world.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace fusion {

/// Where a thing stands. Positions are shares of the picture's width and height from its left upper corner; a side is a
/// share of the picture's shorter side.
struct Placement {
  double x = 0.5;     ///< of the middle
  double y = 0.5;     ///< of the middle
  double side = 0.2;  ///< of the square that the thing fills
  double turn = 0;    ///< degrees, clockwise
  bool mirrored = false;
};

/// Things of one kind, one colour and one size: "three small red balloons".
struct ObjectGroup {
  std::string look;      ///< id in the catalogue: "shape/circle", "drawing/car", "emoji/1f436"
  std::string noun;      ///< "balloon"
  std::string nouns;     ///< "balloons"
  std::string category;  ///< "animal", "fruit" ...; "" where it has none
  std::string color;     ///< name in the palette; "" where the picture brings its own colours
  std::string size;      ///< "small" or "large"; "" where nothing is to be said of it
  std::vector<Placement> places;

  int64_t count() const { return static_cast<int64_t>(places.size()); }
};

/// Words that can be read in the picture.
struct Sign {
  std::string surface;  ///< "sign", "poster", "banner", "label" ...
  std::string text;     ///< may have several lines
  std::string ink;      ///< palette name
  std::string paper;    ///< palette name
  Placement place;      ///< `side` is its width
  bool spaced = false;  ///< each letter in the middle of a square of its own, all of one size
};

struct Chart {
  std::string form;   ///< "bar" or "pie"
  std::string title;  ///< "Apples sold"
  std::vector<std::string> labels;
  std::vector<int64_t> values;
  std::vector<std::string> colors;  ///< palette names
  Placement place;
};

/// Cells in rows, some of them empty.
struct Grid {
  struct Cell {
    std::string look;  ///< "" for an empty cell
    std::string noun;
    std::string color;
  };
  int64_t rows = 0;
  int64_t columns = 0;
  std::vector<Cell> cells;  ///< row by row
  Placement place;
};

/// One picture's content. Two drawings of one scene with other `look_seed`s differ in light, texture, noise and jitter,
/// and show the same.
struct Scene {
  std::string setting;   ///< id of the background: "beach", "night_street", "plain" ...
  std::string backdrop;  ///< palette name where the setting is one colour, else ""
  std::vector<ObjectGroup> groups;
  std::vector<Sign> signs;
  std::optional<Chart> chart;
  std::optional<Grid> grid;
  uint64_t look_seed = 0;
};

nlohmann::ordered_json scene_to_json(const Scene& scene);
/// The inverse of scene_to_json. Throws Error about `who` on an unknown key, a missing one or another type.
Scene scene_from_json(const nlohmann::json& json, const std::string& who);

}  // namespace fusion
