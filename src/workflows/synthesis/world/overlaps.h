#pragma once
// How much the things of a scene overlap, for tests.

#include <algorithm>
#include <cstdint>
#include <vector>

#include "workflows/synthesis/items/scene.h"
#include "workflows/synthesis/world/scene_facts.h"

namespace fusion {

inline double overlap(const Extent& a, const Extent& b) {
  const double width = std::min(a.right, b.right) - std::max(a.left, b.left);
  const double height = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
  return width > 0 && height > 0 ? width * height : 0;
}

struct Covered {
  int64_t pairs = 0;
  double largest_share = 0;  ///< of the smaller of the two
};

inline Covered covered(const Scene& scene) {
  std::vector<Extent> all;
  for (const Sign& sign : scene.signs) all.push_back(extent(sign));
  for (const ObjectGroup& group : scene.groups) {
    for (const Placement& place : group.places) all.push_back(extent(place));
  }
  Covered out;
  for (size_t i = 0; i < all.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      const double shared = overlap(all[i], all[j]);
      if (shared <= 0) continue;
      ++out.pairs;
      const auto area = [](const Extent& e) { return (e.right - e.left) * (e.bottom - e.top); };
      out.largest_share = std::max(out.largest_share, shared / std::min(area(all[i]), area(all[j])));
    }
  }
  return out;
}

}  // namespace fusion
