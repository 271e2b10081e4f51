#include "workflows/synthesis/world/variation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "workflows/synthesis/world/color_choice.h"
#include "workflows/synthesis/world/content.h"
#include "workflows/synthesis/world/diagrams.h"
#include "workflows/synthesis/world/layout.h"
#include "workflows/synthesis/world/scene_facts.h"
#include "workflows/synthesis/world/sign_words.h"

namespace fusion {

namespace {

constexpr double kTwoChanges = 0.3;
constexpr int64_t kMostThings = 12;  // of one kind
constexpr size_t kNoIndex = SIZE_MAX;

/// Changes a copy of the scene, step by step.
class Changer {
 public:
  Changer(const Scene& scene, const Cast& cast, std::span<const SettingFacts* const> settings, RandomSource& random)
      : scene_(scene), cast_(cast), settings_(settings), random_(random) {}

  Scene change();

 private:
  using Step = bool (Changer::*)();

  bool change_color();
  bool change_count();
  bool change_object();
  bool change_side();
  bool change_setting();
  bool change_backdrop();
  bool change_text();
  bool change_chart();
  bool change_cell();

  size_t draw_group();
  bool grow(ObjectGroup& group, int64_t count);
  std::vector<std::string> other_colors(size_t except) const;
  std::vector<const Thing*> things() const;

  Scene scene_;
  const Cast& cast_;
  std::span<const SettingFacts* const> settings_;
  RandomSource& random_;
  size_t changed_group_ = kNoIndex;
  bool any_group_ = false;
};

Scene Changer::change() {
  std::array<Step, 9> steps = {&Changer::change_color, &Changer::change_count,   &Changer::change_object,
                               &Changer::change_side,  &Changer::change_setting, &Changer::change_backdrop,
                               &Changer::change_text,  &Changer::change_chart,   &Changer::change_cell};
  random_.shuffle(std::span<Step>(steps));
  const int64_t wanted = random_.chance(kTwoChanges) ? 2 : 1;
  int64_t made = 0;
  const auto take = [&] {
    for (const Step step : steps) {
      if (made < wanted && (this->*step)()) ++made;
    }
  };
  take();
  if (made == 0) {
    any_group_ = true;
    take();
  }
  return std::move(scene_);
}

/// A group that has not changed yet and whose noun no other group has, if possible; kNoIndex where there is none.
size_t Changer::draw_group() {
  std::vector<size_t> fitting;
  for (size_t i = 0; i < scene_.groups.size(); ++i) {
    const bool alone = groups_of(scene_, scene_.groups[i].noun).size() == 1;
    if (i != changed_group_ && (alone || any_group_)) fitting.push_back(i);
  }
  return fitting.empty() ? kNoIndex : random_.pick(fitting);
}

std::vector<std::string> Changer::other_colors(size_t except) const {
  std::vector<std::string> colors;
  for (size_t i = 0; i < scene_.groups.size(); ++i) {
    if (i != except) colors.push_back(scene_.groups[i].color);
  }
  return colors;
}

std::vector<const Thing*> Changer::things() const {
  std::vector<const Thing*> found;
  for (const ObjectGroup& group : scene_.groups) found.push_back(&cast_.thing(group.noun));
  return found;
}

bool Changer::change_color() {
  const size_t index = draw_group();
  if (index == kNoIndex || scene_.groups[index].color.empty()) return false;
  ObjectGroup& group = scene_.groups[index];
  std::string color = draw_color({.clear_of = {scene_.backdrop, group.color},
                                  .unlike = other_colors(index),
                                  .setting = &setting_facts(scene_.setting)},
                                 random_);
  if (color.empty()) return false;
  changed_group_ = index;
  group.color = std::move(color);
  return true;
}

bool Changer::change_count() {
  const size_t index = draw_group();
  if (index == kNoIndex) return false;
  ObjectGroup& group = scene_.groups[index];
  const int64_t before = group.count();
  const int64_t after = std::clamp<int64_t>(before + (random_.chance(0.5) ? 1 : -1) * random_.between(1, 3), 1,
                                            std::max(before, kMostThings));
  if (after == before || !grow(group, after)) return false;
  changed_group_ = index;
  return true;
}

/// Brings the group to `count` things, new ones as large as the others and as high or low; false where there is no
/// room.
bool Changer::grow(ObjectGroup& group, int64_t count) {
  ObjectGroup grown = group;
  Layout layout(scene_);
  const Extent where = extent(group);
  const bool stands = where.bottom - where.max_y + where.min_y > setting_facts(scene_.setting).ground;
  const Area area{.top = stands ? std::llround(where.min_y * 1000) : 0};
  while (grown.count() < count) {
    const auto box = layout.find(box_of(group.places.front()), area, random_);
    if (!box) return false;
    layout.add(*box);
    grown.places.push_back(placement_of(*box));
  }
  grown.places.resize(static_cast<size_t>(count));
  group = std::move(grown);
  return true;
}

bool Changer::change_object() {
  const size_t index = draw_group();
  if (index == kNoIndex) return false;
  ObjectGroup& group = scene_.groups[index];
  const Thing* thing = cast_.draw(
      {.colored = !group.color.empty(), .setting = &setting_facts(scene_.setting), .unlike = things()}, random_);
  if (thing == nullptr) return false;
  ObjectGroup other = group_of(*thing, group.color, random_);
  other.size = group.size;
  other.places = group.places;
  group = std::move(other);
  changed_group_ = index;
  return true;
}

/// One thing to the other side of the middle line.
bool Changer::change_side() {
  const size_t index = draw_group();
  if (index == kNoIndex || scene_.groups[index].count() != 1) return false;
  ObjectGroup& group = scene_.groups[index];
  if (half(extent(group)).empty()) return false;
  ObjectGroup moved = group;
  moved.places.front().x = std::round(1000 - 1000 * moved.places.front().x) / 1000;
  Scene others = scene_;
  others.groups.erase(others.groups.begin() + static_cast<std::ptrdiff_t>(index));
  if (!Layout(others).is_free(box_of(moved.places.front()))) return false;
  group = std::move(moved);
  changed_group_ = index;
  return true;
}

bool Changer::change_setting() {
  const SettingFacts& before = setting_facts(scene_.setting);
  if (scene_.chart || scene_.grid) return false;
  std::vector<const SettingFacts*> fitting;
  for (const SettingFacts* setting : settings_) {
    const bool keeps_ground = before.ground >= 1 || setting->ground >= 1 || setting->ground <= before.ground + 0.03;
    if (setting != &before && !setting->bare && keeps_ground && suits(*setting, scene_, cast_)) {
      fitting.push_back(setting);
    }
  }
  if (fitting.empty()) return false;
  scene_.setting = random_.pick(fitting)->id;
  scene_.backdrop.clear();
  return true;
}

/// Another colour for a plain background.
bool Changer::change_backdrop() {
  if (scene_.backdrop.empty()) return false;
  auto clear_of = other_colors(kNoIndex);
  clear_of.push_back(scene_.backdrop);
  for (const Sign& sign : scene_.signs) clear_of.push_back(sign.paper);
  if (scene_.chart) clear_of.insert(clear_of.end(), scene_.chart->colors.begin(), scene_.chart->colors.end());
  if (scene_.grid) {
    for (const Grid::Cell& cell : scene_.grid->cells) clear_of.push_back(cell.color);
  }
  std::string color = draw_color({.clear_of = clear_of}, random_);
  if (color.empty()) return false;
  scene_.backdrop = std::move(color);
  return true;
}

bool Changer::change_text() {
  if (scene_.signs.empty()) return false;
  const size_t index = random_.below(scene_.signs.size());
  Sign sign = scene_.signs[index];
  sign.text = draw_other_sign_text(sign.text, random_);
  for (const Sign& other : scene_.signs) {
    if (other.text == sign.text) return false;
  }
  Scene others = scene_;
  others.signs.erase(others.signs.begin() + static_cast<std::ptrdiff_t>(index));
  if (!Layout(others).is_free(box_of(sign))) return false;
  scene_.signs[index] = std::move(sign);
  return true;
}

bool Changer::change_chart() {
  if (!scene_.chart) return false;
  change_value(*scene_.chart, random_.below(scene_.chart->values.size()), random_);
  return true;
}

bool Changer::change_cell() {
  if (!scene_.grid) return false;
  std::vector<size_t> filled;
  std::vector<std::string> clear_of = {scene_.backdrop};
  for (size_t i = 0; i < scene_.grid->cells.size(); ++i) {
    if (scene_.grid->cells[i].look.empty()) continue;
    filled.push_back(i);
    clear_of.push_back(scene_.grid->cells[i].color);
  }
  std::string color = draw_color({.clear_of = clear_of}, random_);
  if (color.empty() || filled.empty()) return false;
  scene_.grid->cells[random_.pick(filled)].color = std::move(color);
  return true;
}

}  // namespace

Scene vary(const Scene& scene, const Cast& cast, std::span<const SettingFacts* const> settings, RandomSource& random) {
  return Changer(scene, cast, settings, random).change();
}

}  // namespace fusion
