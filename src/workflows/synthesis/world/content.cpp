#include "workflows/synthesis/world/content.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "workflows/synthesis/world/color_choice.h"
#include "workflows/synthesis/world/diagrams.h"
#include "workflows/synthesis/world/scene_facts.h"

namespace fusion {

namespace {

constexpr std::string_view kPlain = "plain";
constexpr int64_t kMostThings = 18;      // in a picture with several groups
constexpr int kTriesOfAGroup = 30;       // for one whose compositions are not held out
constexpr int64_t kMostSizedThings = 8;  // with small and large ones among them
constexpr double kBareShare = 0.35;      // of the scenes that are not about their setting
constexpr double kColoredShare = 0.6;    // of the groups that are not about colour

constexpr auto kSurfaces = std::to_array<std::string_view>({"sign", "poster", "banner", "label", "board"});

std::vector<std::string> colors_of(const Scene& scene) {
  std::vector<std::string> colors;
  for (const ObjectGroup& group : scene.groups) colors.push_back(group.color);
  return colors;
}

/// A backdrop that all the groups stand out from, for a setting that has one; "" where there is none.
std::string draw_backdrop(const Scene& scene, const SettingFacts& setting, RandomSource& random) {
  if (setting.id != kPlain) return "";
  const auto colors = colors_of(scene);
  const auto clear_of_white = [](const std::string& color) {
    return color.empty() || clearly_different(color, "white");
  };
  if (random.chance(0.25) && std::ranges::all_of(colors, clear_of_white)) return "white";
  return draw_color({.clear_of = colors}, random);
}

bool shows(const SettingFacts& setting, std::string_view noun) {
  return std::ranges::find(setting.shows, noun) != setting.shows.end();
}

class ContentSampler {
 public:
  ContentSampler(const WorldParts& parts, RandomSource& random) : parts_(parts), random_(random) {}

  Content draw(Focus focus);

 private:
  bool draw_diagram(Focus focus);
  void draw_place(bool bare_too);
  void set(const SettingFacts& setting);
  void choose_setting();
  void draw_groups(Focus focus);
  void draw_colored_groups();
  void draw_counted_groups();
  void draw_single_groups();
  void draw_some_groups(int64_t most);
  bool add_group(bool colored, int64_t count);
  void add_in_second_color(const ObjectGroup& first);
  void draw_sizes();
  void draw_signs();
  int64_t few() { return std::max<int64_t>(1, random_.between(-3, 3)); }

  const WorldParts& parts_;
  RandomSource& random_;
  Scene scene_;
  const SettingFacts* setting_ = nullptr;  // once it is known
  std::vector<const Thing*> things_;
};

Content ContentSampler::draw(Focus focus) {
  if (focus == Focus::kAny || focus == Focus::kText) {
    if (draw_diagram(focus)) return {std::move(scene_), Focus::kText};
  }
  if (focus == Focus::kAny) focus = static_cast<Focus>(random_.below(static_cast<uint64_t>(Focus::kAny)));
  if (focus == Focus::kScene || focus == Focus::kText) draw_place(/*bare_too=*/focus == Focus::kText);
  draw_groups(focus);
  if (setting_ == nullptr) choose_setting();
  if (setting_ == nullptr) {
    scene_.groups.clear();
    things_.clear();
    draw_place(/*bare_too=*/true);
    draw_groups(focus);
  }
  if (focus == Focus::kText) draw_signs();
  if (random_.chance(parts_.options.sizes)) draw_sizes();
  return {std::move(scene_), focus};
}

/// Charts and grids fill a picture of their own, on a plain background.
bool ContentSampler::draw_diagram(Focus focus) {
  const bool chart = random_.chance(parts_.options.charts);
  const bool grid = !chart && focus == Focus::kAny && random_.chance(parts_.options.grids);
  if (!chart && !grid) return false;
  scene_.setting = kPlain;
  scene_.backdrop = random_.chance(0.6) ? "white" : draw_color({}, random_);
  if (chart) {
    scene_.chart = draw_chart(scene_.backdrop, random_);
  } else {
    scene_.grid = draw_grid(parts_.cast, scene_.backdrop, random_);
  }
  return true;
}

void ContentSampler::set(const SettingFacts& setting) {
  setting_ = &setting;
  scene_.setting = setting.id;
  scene_.backdrop = draw_backdrop(scene_, setting, random_);
}

/// One of the settings before anything else is known. Bare ones are left out where there are places.
void ContentSampler::draw_place(bool bare_too) {
  std::vector<const SettingFacts*> fitting;
  for (const SettingFacts* setting : parts_.settings) {
    if (bare_too || !setting->bare) fitting.push_back(setting);
  }
  set(fitting.empty() ? *random_.pick(parts_.settings) : *random_.pick(fitting));
}

/// One of the settings that the groups stand out from; none where no setting does.
void ContentSampler::choose_setting() {
  std::vector<const SettingFacts*> bare;
  std::vector<const SettingFacts*> places;
  const bool has_backdrop = !draw_color({.clear_of = colors_of(scene_)}, random_).empty();
  for (const SettingFacts* setting : parts_.settings) {
    if (!suits(*setting, scene_, parts_.cast) || (setting->id == kPlain && !has_backdrop)) continue;
    (setting->bare ? bare : places).push_back(setting);
  }
  const bool take_bare = random_.chance(kBareShare);
  const auto& fitting = (take_bare && !bare.empty()) || places.empty() ? bare : places;
  if (!fitting.empty()) set(*random_.pick(fitting));
}

void ContentSampler::draw_groups(Focus focus) {
  switch (focus) {
    case Focus::kColor:
      return draw_colored_groups();
    case Focus::kCount:
      return draw_counted_groups();
    case Focus::kSpatial:
      return draw_single_groups();
    case Focus::kScene:
      return draw_some_groups(3);
    default:
      return draw_some_groups(2);
  }
}

void ContentSampler::draw_colored_groups() {
  const int64_t wanted = random_.between(1, parts_.options.max_groups);
  for (int64_t i = 0; i < wanted; ++i) {
    const bool again = scene_.groups.size() == 1 && i == 1 && random_.chance(0.25);
    again ? add_in_second_color(scene_.groups.front()) : void(add_group(/*colored=*/true, few()));
  }
  if (wanted < parts_.options.max_groups && random_.chance(0.25)) add_group(/*colored=*/false, 1);
}

void ContentSampler::draw_counted_groups() {
  const int64_t most = parts_.options.max_count;
  const int64_t count = random_.between(1, most);
  add_group(random_.chance(kColoredShare), count);
  const int64_t others = random_.between(0, std::min<int64_t>(2, parts_.options.max_groups - 1));
  for (int64_t i = 0; i < others; ++i) {
    const int64_t room = (kMostThings - count) / others;
    add_group(random_.chance(kColoredShare), random_.between(1, std::clamp<int64_t>(room, 1, most)));
  }
}

void ContentSampler::draw_single_groups() {
  const int64_t wanted = random_.between(2, std::max<int64_t>(2, parts_.options.max_groups));
  for (int64_t i = 0; i < wanted; ++i) {
    const bool colored = scene_.groups.size() == 1 && !scene_.groups.front().color.empty();
    const bool again = colored && i == 1 && random_.chance(0.12);
    again ? add_in_second_color(scene_.groups.front()) : void(add_group(random_.chance(kColoredShare), 1));
  }
}

void ContentSampler::draw_some_groups(int64_t most) {
  const int64_t wanted = random_.between(0, std::min(most, parts_.options.max_groups));
  for (int64_t i = 0; i < wanted; ++i) add_group(random_.chance(kColoredShare), few());
}

/// A group of a noun that is not there yet, in a colour that no other group has, in a composition that the picture may
/// show. False where the catalogue has none, or none was drawn in so many tries.
bool ContentSampler::add_group(bool colored, int64_t count) {
  colored = colored || !parts_.cast.has_pictured();
  for (int tries = 0; tries < kTriesOfAGroup; ++tries) {
    const Thing* thing = parts_.cast.draw({.colored = colored, .setting = setting_, .unlike = things_}, random_);
    if (thing == nullptr) return false;
    std::string color;
    if (colored) {
      color = draw_color({.clear_of = {scene_.backdrop}, .unlike = colors_of(scene_), .setting = setting_}, random_);
      if (color.empty()) return false;
    }
    scene_.groups.push_back(group_of(*thing, std::move(color), random_));
    if (parts_.compositions.can_show(scene_)) {
      things_.push_back(thing);
      scene_.groups.back().places.resize(static_cast<size_t>(count));
      return true;
    }
    scene_.groups.pop_back();
  }
  return false;
}

void ContentSampler::add_in_second_color(const ObjectGroup& first) {
  ObjectGroup second = first;
  second.color = draw_color({.clear_of = {first.color, scene_.backdrop}, .setting = setting_}, random_);
  if (!second.color.empty()) scene_.groups.push_back(std::move(second));
}

void ContentSampler::draw_sizes() {
  auto& groups = scene_.groups;
  if (groups.size() < 2 || total(scene_) > kMostSizedThings) return;
  for (ObjectGroup& group : groups) group.size = random_.chance(0.5) ? "large" : "small";
  const size_t other = random_.below(groups.size());
  groups[other].size = groups[(other + 1) % groups.size()].size == "large" ? "small" : "large";
}

void ContentSampler::draw_signs() {
  // On a lattice every sign is a board: two could not be told from each other.
  const bool alike = parts_.options.lattice > 0;
  const int64_t wanted = !alike && random_.chance(0.25) ? 2 : 1;
  std::vector<std::string_view> surfaces(kSurfaces.begin(), kSurfaces.end());
  if (alike) surfaces = {"sign", "board"};
  random_.shuffle(std::span<std::string_view>(surfaces));
  for (const std::string_view surface : surfaces) {
    if (static_cast<int64_t>(scene_.signs.size()) == wanted) break;
    if (shows(*setting_, surface)) continue;
    auto [ink, paper] = draw_ink_and_paper(scene_.backdrop, random_);
    Sign sign{.surface = std::string(surface),
              .text = draw_sign_text(parts_.signs, random_),
              .ink = std::move(ink),
              .paper = std::move(paper),
              .place = {}};
    const bool again = !scene_.signs.empty() && scene_.signs.front().text == sign.text;
    if (again) sign.text = draw_other_sign_text(sign.text, random_);
    scene_.signs.push_back(std::move(sign));
  }
}

}  // namespace

Content draw_content(Focus focus, const WorldParts& parts, RandomSource& random) {
  return ContentSampler(parts, random).draw(focus);
}

bool suits(const SettingFacts& setting, const Scene& scene, const Cast& cast) {
  if (std::ranges::any_of(scene.signs, [&](const Sign& sign) { return shows(setting, sign.surface); })) return false;
  return std::ranges::all_of(scene.groups, [&](const ObjectGroup& group) {
    if (seen_in(cast.thing(group.noun), setting)) return false;
    return std::ranges::find(setting.colors, group.color) == setting.colors.end();
  });
}

}  // namespace fusion
