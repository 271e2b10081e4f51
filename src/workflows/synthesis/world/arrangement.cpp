#include "workflows/synthesis/world/arrangement.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "workflows/synthesis/world/layout.h"
#include "workflows/synthesis/world/scene_facts.h"

namespace fusion {

namespace {

// In thousandths.
constexpr int64_t kLargest = 400;
constexpr int64_t kSmallest = 45;
constexpr int64_t kMostTurn = 8;   // degrees
constexpr double kCovered = 0.27;  // share of the picture that things cover

constexpr std::array<double, 6> kShrinks = {1, 0.88, 0.76, 0.64, 0.52, 0.42};

class Arranger {
 public:
  Arranger(Scene& scene, Focus focus, const WorldOptions& options, RandomSource& random)
      : scene_(scene), random_(random), things_(total(scene)), options_(options) {
    const double ground = setting_facts(scene.setting).ground;
    spatial_ = focus == Focus::kSpatial;
    if (!spatial_ && ground < 1 && random.chance(0.8)) ground_ = ground;
    covers_ = !spatial_ && random.chance(options.occlusion);
  }

  bool arrange() {
    // On a lattice, where nothing shrinks, they are as many tries.
    for (const double shrink : kShrinks) {
      layout_ = options_.lattice > 0 ? Layout::on_lattice(options_.lattice) : Layout();
      shrink_ = shrink;
      if (place_all()) return true;
    }
    return false;
  }

 private:
  bool place_all();
  bool place_sign(Sign& sign);
  bool place_group(ObjectGroup& group);
  bool place_pair(ObjectGroup& first, ObjectGroup& second);
  bool place_pair_on_lattice(ObjectGroup& first, ObjectGroup& second, std::string_view wanted);
  bool place_in_region(ObjectGroup& group);
  bool place_in_region_of_lattice(ObjectGroup& group);
  bool cover_a_bit(ObjectGroup& group);
  Box draw_size(const Sign& sign);
  Box draw_size(const ObjectGroup& group);
  void put(Placement& place, const Box& box);
  bool on_lattice() const { return layout_.cell() > 0; }

  Scene& scene_;
  RandomSource& random_;
  int64_t things_;
  const WorldOptions& options_;
  bool spatial_ = false;
  bool covers_ = false;
  double ground_ = 1;
  double shrink_ = 1;
  Layout layout_;
};

bool Arranger::place_all() {
  for (Sign& sign : scene_.signs) {
    if (!place_sign(sign)) return false;
  }
  auto& groups = scene_.groups;
  size_t next = 0;
  if (spatial_ && groups.size() >= 2) {
    const bool pair = random_.chance(0.55);
    if (!(pair ? place_pair(groups[0], groups[1]) : place_in_region(groups[0]))) return false;
    next = pair ? 2 : 1;
  }
  for (; next < groups.size(); ++next) {
    const bool last = next + 1 == groups.size();
    if (last && covers_ && cover_a_bit(groups[next])) continue;
    if (!place_group(groups[next])) return false;
  }
  return true;
}

bool Arranger::place_sign(Sign& sign) {
  sign.spaced = on_lattice();
  const Box size = draw_size(sign);
  const Area area{.bottom = things_ > 0 && ground_ < 1 ? 480 : 1000};
  const auto box = layout_.find(size, area, random_);
  if (!box) return false;
  layout_.add(*box);
  sign.place = placement_of(*box);
  return true;
}

Box Arranger::draw_size(const Sign& sign) {
  const auto letters = static_cast<double>(longest_line(sign.text));
  double width = (letters + kSpacedMargin) * static_cast<double>(layout_.cell()) / 2;
  if (!on_lattice()) {
    const double scale = options_.sign_scale;
    const double widest = sign.surface == "poster" ? std::clamp(430.0 * scale, 240.0, 820.0) : 820.0;
    width = std::clamp((60 * letters + 120) * scale * random_.uniform(0.85, 1.15), 240.0, widest);
    width *= std::max(shrink_, 0.7);
  }
  Box size{.width = std::llround(width)};
  size.height = std::llround(static_cast<double>(size.width) * sign_aspect(sign));
  return size;
}

/// How large the things of a group are; all of them the same.
Box Arranger::draw_size(const ObjectGroup& group) {
  if (on_lattice()) return {.width = layout_.cell(), .height = layout_.cell()};
  double area = ground_ < 1 ? 1 - ground_ + 0.12 : 1;
  for (const Sign& sign : scene_.signs) area -= ground_ < 1 ? 0 : sign.place.side * sign.place.side * sign_aspect(sign);
  double side = std::sqrt(kCovered * std::max(area, 0.2) / static_cast<double>(things_)) * shrink_;
  side = std::min(side, kLargest / 1000.0);
  if (group.size == "large") {
    side *= random_.uniform(1.0, 1.1);
  } else if (group.size == "small") {
    side *= random_.uniform(0.42, 0.5);
  } else {
    side *= random_.uniform(0.82, 1.05);
  }
  const auto thousandths = std::max<int64_t>(std::llround(side * 1000), kSmallest);
  return {.width = thousandths, .height = thousandths};
}

void Arranger::put(Placement& place, const Box& box) {
  layout_.add(box);
  place = placement_of(box);
  if (on_lattice()) return;
  if (random_.chance(0.6)) place.turn = static_cast<double>(random_.between(-kMostTurn, kMostTurn));
  place.mirrored = random_.chance(0.5);
}

bool Arranger::place_group(ObjectGroup& group) {
  const Box size = draw_size(group);
  Area area;
  if (ground_ < 1) area.top = std::llround(ground_ * 1000) + 30 - size.height / 2;
  for (Placement& place : group.places) {
    const auto box = layout_.find(size, area, random_);
    if (!box) return false;
    put(place, *box);
  }
  return true;
}

/// Two single things of which one relation alone holds, each of the four as often as another.
bool Arranger::place_pair(ObjectGroup& first, ObjectGroup& second) {
  constexpr std::array<std::string_view, 4> kRelations = {"left", "right", "above", "below"};
  const std::string_view wanted = random_.pick(kRelations);
  if (on_lattice()) return place_pair_on_lattice(first, second, wanted);
  const bool across = wanted == "left" || wanted == "right";
  const bool before = wanted == "left" || wanted == "above";
  Box a = draw_size(first);
  Box b = draw_size(second);
  constexpr int kTries = 40;
  for (int i = 0; i < kTries; ++i) {
    // Far enough along, and not far enough aside, for relation() to say just this.
    const int64_t nearest = std::max<int64_t>(160, (a.width + b.width) / 2 + 20);
    const int64_t along = random_.between(nearest, std::max<int64_t>(nearest, 700));
    const int64_t most_aside = std::min<int64_t>(130, along * 6 / 10);
    const int64_t aside = random_.between(-most_aside, most_aside);
    a.x = random_.between(0, 1000);
    a.y = random_.between(0, 1000);
    b.x = a.x + (across ? (before ? along : -along) : aside);
    b.y = a.y + (across ? aside : (before ? along : -along));
    if (!layout_.is_free(a) || !layout_.is_free(b)) continue;
    put(first.places.front(), a);
    put(second.places.front(), b);
    return true;
  }
  return false;
}

bool Arranger::place_pair_on_lattice(ObjectGroup& first, ObjectGroup& second, std::string_view wanted) {
  const Box size = draw_size(first);
  const std::vector<Box> free = layout_.free_boxes(size);
  std::vector<std::pair<Box, Box>> pairs;
  for (const Box& one : free) {
    for (const Box& other : free) {
      if (relation(extent(placement_of(one)), extent(placement_of(other))) == wanted) pairs.emplace_back(one, other);
    }
  }
  if (pairs.empty()) return false;
  const auto& [one, other] = random_.pick(pairs);
  put(first.places.front(), one);
  put(second.places.front(), other);
  return true;
}

bool Arranger::place_in_region(ObjectGroup& group) {
  if (on_lattice()) return place_in_region_of_lattice(group);
  // Thirds of the picture, without their borders.
  constexpr std::array<std::array<int64_t, 2>, 3> kThirds = {{{0, 290}, {376, 624}, {710, 1000}}};
  const auto& column = random_.pick(kThirds);
  const auto& row = random_.pick(kThirds);
  const Area area{.left = column[0], .right = column[1], .top = row[0], .bottom = row[1]};
  const auto box = layout_.find(draw_size(group), area, random_);
  if (!box) return false;
  put(group.places.front(), *box);
  return true;
}

/// Each region as often as another, however many cells it has.
bool Arranger::place_in_region_of_lattice(ObjectGroup& group) {
  std::map<std::string_view, std::vector<Box>> regions;
  for (const Box& box : layout_.free_boxes(draw_size(group))) {
    const std::string_view where = region(extent(placement_of(box)));
    if (!where.empty()) regions[where].push_back(box);
  }
  if (regions.empty()) return false;
  const auto drawn = std::next(regions.begin(), static_cast<std::ptrdiff_t>(random_.below(regions.size())));
  put(group.places.front(), random_.pick(drawn->second));
  return true;
}

/// The one thing of the group over a corner of another thing, whose colour is clearly another.
bool Arranger::cover_a_bit(ObjectGroup& group) {
  if (group.count() != 1 || group.color.empty() || scene_.groups.size() < 2) return false;
  const ObjectGroup& other = scene_.groups[random_.below(scene_.groups.size() - 1)];
  if (!other.color.empty() && !clearly_different(group.color, other.color)) return false;
  const Placement& below = random_.pick(other.places);
  const Box target = box_of(below);
  const auto& boxes = layout_.boxes();
  const auto found =
      std::ranges::find_if(boxes, [&](const Box& box) { return box.x == target.x && box.y == target.y; });
  Box box = draw_size(group);
  constexpr int kTries = 8;
  for (int i = 0; i < kTries; ++i) {
    const double share = random_.uniform(0.2, 0.38);
    const auto shared = std::llround(share * static_cast<double>(std::min(box.width, target.width)));
    const int64_t apart = (box.width + target.width) / 2 - shared;
    box.x = target.x + (random_.chance(0.5) ? apart : -apart);
    box.y = target.y + (random_.chance(0.5) ? apart : -apart);
    const bool floats = ground_ < 1 && box.bottom() < std::llround(ground_ * 1000) + 30;
    if (floats || !layout_.is_free(box, static_cast<size_t>(found - boxes.begin()))) continue;
    put(group.places.front(), box);
    return true;
  }
  return false;
}

}  // namespace

bool arrange(Scene& scene, Focus focus, const WorldOptions& options, RandomSource& random) {
  return Arranger(scene, focus, options, random).arrange();
}

}  // namespace fusion
