#include "workflows/synthesis/world/layout.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "workflows/synthesis/world/scene_facts.h"

namespace fusion {

namespace {

constexpr int64_t kEdge = 14;
constexpr int64_t kTries = 60;

int64_t thousandths(double share) {
  return std::llround(share * 1000);
}

/// What is kept free around a box: a thing that is turned sticks out of its own.
int64_t gap(int64_t size) {
  return 5 + size / 16;
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

Layout::Layout(const Scene& scene) {
  for (const ObjectGroup& group : scene.groups) {
    for (const Placement& place : group.places) add(box_of(place));
  }
  for (const Sign& sign : scene.signs) add(box_of(sign));
}

bool Layout::is_free(const Box& box, std::optional<size_t> except) const {
  const int64_t edge = kEdge + box.width / 24;
  if (box.left() < edge || box.top() < edge || box.right() > 1000 - edge || box.bottom() > 1000 - edge) return false;
  for (size_t i = 0; i < boxes_.size(); ++i) {
    const Box& other = boxes_[i];
    const int64_t apart_x = (box.width + other.width) / 2 + gap(box.width) + gap(other.width);
    const int64_t apart_y = (box.height + other.height) / 2 + gap(box.height) + gap(other.height);
    if (i != except && std::abs(box.x - other.x) < apart_x && std::abs(box.y - other.y) < apart_y) return false;
  }
  return true;
}

std::optional<Box> Layout::find(const Box& size, const Area& area, RandomSource& random) const {
  const int64_t edge = kEdge + size.width / 24;
  const int64_t left = std::max(area.left, size.width / 2 + edge);
  const int64_t right = std::min(area.right, 1000 - size.width / 2 - edge);
  const int64_t top = std::max(area.top, size.height / 2 + edge);
  const int64_t bottom = std::min(area.bottom, 1000 - size.height / 2 - edge);
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
