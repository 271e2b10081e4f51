#include "workflows/synthesis/world/layout.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "foundation/core/text.h"
#include "workflows/synthesis/world/scene_facts.h"

namespace fusion {

namespace {

constexpr int64_t kEdge = 14;
constexpr int64_t kTries = 60;

int64_t thousandths(double share) {
  return std::llround(share * 1000);
}

int64_t cell_side(int64_t cells) {
  return 1000 / cells;
}

}  // namespace

Box box_of(const Placement& place) {
  const int64_t side = thousandths(place.side);
  return {.x = thousandths(place.x), .y = thousandths(place.y), .width = side, .height = side};
}

Box box_of(const Sign& sign) {
  Box box = box_of(sign.place);
  box.height = thousandths(sign.place.side * sign_aspect(sign));
  return box;
}

Placement placement_of(const Box& box) {
  return {.x = static_cast<double>(box.x) / 1000,
          .y = static_cast<double>(box.y) / 1000,
          .side = static_cast<double>(box.width) / 1000};
}

Cell cell_of(const Placement& place, int64_t cells) {
  const int64_t side = cell_side(cells);
  const Box box = box_of(place);
  return {.row = box.y / side, .column = box.x / side};
}

std::string cell_name(const Cell& cell) {
  return cat(static_cast<char>('A' + cell.column), cell.row + 1);
}

Layout::Layout(const Scene& scene) {
  for (const ObjectGroup& group : scene.groups) {
    for (const Placement& place : group.places) add(box_of(place));
  }
  for (const Sign& sign : scene.signs) add(box_of(sign));
}

Layout Layout::on_lattice(int64_t cells) {
  Layout layout;
  layout.cell_ = cell_side(cells);
  return layout;
}

/// What is kept free along the picture's edge.
int64_t Layout::edge(const Box& box) const {
  return cell_ > 0 ? 0 : kEdge + box.width / 24;
}

/// What is kept free around a box: a thing that is turned sticks out of its own.
int64_t Layout::gap(int64_t size) const {
  return cell_ > 0 ? 0 : 5 + size / 16;
}

bool Layout::is_free(const Box& box, std::optional<size_t> except) const {
  const int64_t free = edge(box);
  if (box.left() < free || box.top() < free || box.right() > 1000 - free || box.bottom() > 1000 - free) return false;
  for (size_t i = 0; i < boxes_.size(); ++i) {
    const Box& other = boxes_[i];
    const auto apart = [this](int64_t size, int64_t other_size) {
      return (size + other_size) / 2 + gap(size) + gap(other_size);
    };
    const int64_t apart_x = apart(box.width, other.width);
    const int64_t apart_y = apart(box.height, other.height);
    if (i != except && std::abs(box.x - other.x) < apart_x && std::abs(box.y - other.y) < apart_y) return false;
  }
  return true;
}

std::vector<Box> Layout::free_boxes(const Box& size, const Area& area) const {
  const bool whole = size.width % cell_ == 0 && size.height % cell_ == 0;
  const int64_t step = whole ? cell_ : cell_ / 2;
  std::vector<Box> free;
  Box box = size;
  for (int64_t top = 0; top < 1000; top += step) {
    box.y = top - size.height % step / 2 + size.height / 2;
    for (int64_t left = 0; left < 1000; left += step) {
      box.x = left - size.width % step / 2 + size.width / 2;
      const bool inside = box.x >= area.left && box.x <= area.right && box.y >= area.top && box.y <= area.bottom;
      if (inside && is_free(box)) free.push_back(box);
    }
  }
  return free;
}

std::optional<Box> Layout::find(const Box& size, const Area& area, RandomSource& random) const {
  if (cell_ > 0) {
    const std::vector<Box> free = free_boxes(size, area);
    if (free.empty()) return std::nullopt;
    return random.pick(free);
  }
  const int64_t margin = edge(size);
  const int64_t left = std::max(area.left, size.width / 2 + margin);
  const int64_t right = std::min(area.right, 1000 - size.width / 2 - margin);
  const int64_t top = std::max(area.top, size.height / 2 + margin);
  const int64_t bottom = std::min(area.bottom, 1000 - size.height / 2 - margin);
  if (left > right || top > bottom) return std::nullopt;
  Box box = size;
  for (int64_t i = 0; i < kTries; ++i) {
    box.x = random.between(left, right);
    box.y = random.between(top, bottom);
    if (is_free(box)) return box;
  }
  return std::nullopt;
}

}  // namespace fusion
