#pragma once
// Finds room for things. Counts in whole thousandths of the picture's side, so that every machine finds the same.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "foundation/core/random_source.h"
#include "workflows/synthesis/items/scene.h"

namespace fusion {

/// A rectangle, in thousandths.
struct Box {
  int64_t x = 0;  ///< of its middle
  int64_t y = 0;
  int64_t width = 0;
  int64_t height = 0;

  int64_t left() const { return x - width / 2; }
  int64_t right() const { return x + width / 2; }
  int64_t top() const { return y - height / 2; }
  int64_t bottom() const { return y + height / 2; }
};

/// Where middles may be, in thousandths, both ends included.
struct Area {
  int64_t left = 0;
  int64_t right = 1000;
  int64_t top = 0;
  int64_t bottom = 1000;
};

class Layout {
 public:
  Layout() = default;
  /// For boxes on a lattice of so many cells to a side, of which 500 is a multiple. A box of whole cells fills cells.
  /// Any other is a sign: its letters fill half cells, and its margin hangs over on all sides, so that it never starts
  /// in the first half cell. Boxes may touch each other and the picture's edge.
  static Layout on_lattice(int64_t cells);
  /// With everything that a scene shows.
  explicit Layout(const Scene& scene);

  /// Whether the box lies inside the picture and away from all others, but perhaps one.
  bool is_free(const Box& box, std::optional<size_t> except = std::nullopt) const;
  /// A free place in the area for a box of this size; nothing where none is found.
  std::optional<Box> find(const Box& size, const Area& area, RandomSource& random) const;
  /// On a lattice: everywhere that a box of this size may be.
  std::vector<Box> free_boxes(const Box& size, const Area& area = {}) const;
  void add(const Box& box) { boxes_.push_back(box); }
  const std::vector<Box>& boxes() const { return boxes_; }
  /// The side of a cell; 0 without a lattice.
  int64_t cell() const { return cell_; }

 private:
  int64_t edge(const Box& box) const;
  int64_t gap(int64_t size) const;

  std::vector<Box> boxes_;
  int64_t cell_ = 0;
};

Box box_of(const Placement& place);
Box box_of(const Sign& sign);
Placement placement_of(const Box& box);

/// A cell of a lattice; in the order of reading.
struct Cell {
  int64_t row = 0;  ///< from the top, the first is 0
  int64_t column = 0;

  auto operator<=>(const Cell&) const = default;
};

/// The cell of a lattice of so many to a side that a place's middle is in.
Cell cell_of(const Placement& place, int64_t cells);
/// As in a spreadsheet, with letters for columns and numbers for rows: "A1" is the first cell.
std::string cell_name(const Cell& cell);

}  // namespace fusion
