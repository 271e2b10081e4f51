#pragma once
// What is true of a scene. All that is said about one comes from here, and only what a person would call clear.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "workflows/synthesis/items/scene.h"
#include "workflows/synthesis/world/phrases.h"
#include "workflows/synthesis/world/settings.h"

namespace fusion {

/// The rectangle that things fill, in shares of the picture, and where their middles are. Taken for a square picture;
/// in any other, things are further apart than this says, never nearer.
struct Extent {
  double left, right, top, bottom;
  double min_x, max_x, min_y, max_y;  ///< of the middles
};

Extent extent(const Placement& place);
Extent extent(const Sign& sign);
/// Of a group that has things.
Extent extent(const ObjectGroup& group);

/// Two things are clearly beside (or above) each other where their middles are this far apart and they do not overlap
/// in that direction.
inline constexpr double kClearDistance = 0.15;

/// Where every thing of `a` is seen from every thing of `b`: "left", "right", or "" where that is not clear.
std::string_view horizontal_relation(const Extent& a, const Extent& b);
/// "above", "below", or "".
std::string_view vertical_relation(const Extent& a, const Extent& b);
/// The one of "left", "right", "above", "below" that alone tells where `a` is from `b`; "" where two do or none does.
std::string_view relation(const Extent& a, const Extent& b);
/// "to the left of", "above" ...: the words for a relation between two things.
std::string_view relation_words(std::string_view relation);
/// "right" for "left", "below" for "above", "bottom right" for "top left" ...; "" for "center".
std::string_view opposite(std::string_view relation);

/// "left" or "right" half of the picture; "" where something is near the middle line.
std::string_view half(const Extent& extent);
/// "upper" or "lower" half of the picture; "".
std::string_view vertical_half(const Extent& extent);
/// "left", "right", "top", "bottom", "center", "top left", "top right", "bottom left", "bottom right"; "" where things
/// are in several of them or near a border between two.
std::string_view region(const Extent& extent);
/// "on the left", "in the top right corner", "in the center" ...
std::string_view region_words(std::string_view region);

/// All things of all groups.
int64_t total(const Scene& scene);
/// All things with the noun, whatever their colour.
int64_t count_noun(const Scene& scene, std::string_view noun);
/// All things with the palette colour, whatever they are.
int64_t count_color(const Scene& scene, std::string_view color);
/// The groups with the noun, in the scene's order.
std::vector<const ObjectGroup*> groups_of(const Scene& scene, std::string_view noun);

/// Whether two palette colours cannot be taken for each other, be one in shadow and the other in light.
bool clearly_different(std::string_view color, std::string_view other);

/// What a sign with spaced letters has beside them, in letters, in each direction.
constexpr double kSpacedMargin = 0.5;
/// The height of a sign, as a share of its width: its surface and the number of its lines decide; of one with spaced
/// letters its text alone.
double sign_aspect(const Sign& sign);
/// In bytes.
int64_t longest_line(std::string_view text);
/// "the sign reads OPEN" needs one line: the text with its line breaks as spaces.
std::string sign_line(const Sign& sign);

}  // namespace fusion
