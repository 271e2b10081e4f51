#pragma once
// Finds room for things. Counts in whole thousandths of the picture's side, so that every machine finds the same.

#include <cstdint>
#include <optional>
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
  /// For boxes on a lattice of so many cells to a side, of which 500 is a multiple. Boxes of whole cells lie on cells;
  /// of others the whole half cells lie on half cells, and what they have above these half on each side. Boxes may
  /// touch each other and the picture's edge.
  static Layout on_lattice(int64_t cells);
  /// With everything that a scene shows.
  explicit Layout(const Scene& scene);

  /// Whether the box lies inside the picture and away from all others, but perhaps one.
  bool is_free(const Box& box, std::optional<size_t> except = std::nullopt) const;
  /// A free place in the area for a box of this size; nothing where none is found.
  std::optional<Box> find(const Box& size, const Area& area, RandomSource& random) const;
  void add(const Box& box) { boxes_.push_back(box); }
  const std::vector<Box>& boxes() const { return boxes_; }

 private:
  std::optional<Box> find_on_lattice(const Box& size, const Area& area, RandomSource& random) const;

  std::vector<Box> boxes_;
  int64_t cell_ = 0;  ///< 0 without a lattice
};

Box box_of(const Placement& place);
Box box_of(const Sign& sign);
Placement placement_of(const Box& box);

}  // namespace fusion
