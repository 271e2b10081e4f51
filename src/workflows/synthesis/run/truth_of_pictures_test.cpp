// The answers against the pictures, as files. What is asked for is read off the picture alone, by an eye that knows the
// palette and nothing of drawing. The scene only says which thing a noun means: by its place where a colour is asked
// for, by its colour where a number or a place is.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iostream>
#include <map>
#include <optional>

#include "foundation/core/text.h"
#include "pipeline/preprocess/decode.h"
#include "workflows/synthesis/grammar/test_support.h"
#include "workflows/synthesis/render/painter.h"
#include "workflows/synthesis/render/test_support.h"

namespace fusion {
namespace {

constexpr int64_t kAnswers = 1000;
constexpr int64_t kPixels = 320;

/// What the eye takes for one thing; lengths as shares of the picture.
struct SeenThing {
  ColoredArea area;
  double x() const { return static_cast<double>(area.left + area.right + 1) / (2.0 * kPixels); }
  double y() const { return static_cast<double>(area.top + area.bottom + 1) / (2.0 * kPixels); }
};

bool touch(const ColoredArea& a, const ColoredArea& b) {
  constexpr int64_t kReach = 3;
  return a.left <= b.right + kReach && b.left <= a.right + kReach && a.top <= b.bottom + kReach &&
         b.top <= a.bottom + kReach;
}

/// Dark lines and windows cut a thing into pieces: those whose rectangles touch are one.
void join_pieces(std::vector<ColoredArea>& areas) {
  for (size_t i = 0; i < areas.size(); ++i) {
    for (size_t j = 0; j < areas.size(); ++j) {
      if (i == j || !touch(areas[i], areas[j])) continue;
      const ColoredArea& other = areas[j];
      areas[i] = {.pixels = areas[i].pixels + other.pixels,
                  .left = std::min(areas[i].left, other.left),
                  .right = std::max(areas[i].right, other.right),
                  .top = std::min(areas[i].top, other.top),
                  .bottom = std::max(areas[i].bottom, other.bottom)};
      areas.erase(areas.begin() + static_cast<std::ptrdiff_t>(j));
      return join_pieces(areas);
    }
  }
}

class Eye {
 public:
  explicit Eye(const Picture& picture) : picture_(picture) {}

  /// The things of a colour, wherever they are; grains and rims are too small to be one.
  std::vector<SeenThing> things(const std::string& color) const {
    constexpr int64_t kSpeck = 8;  // pixels
    constexpr int64_t kSmall = 7;  // so many times smaller than the largest is no thing
    std::vector<ColoredArea> areas = colored_areas(picture_, palette_color(color), kSpeck);
    join_pieces(areas);
    int64_t largest = 0;
    for (const ColoredArea& each : areas) largest = std::max(largest, each.pixels);
    std::vector<SeenThing> things;
    for (const ColoredArea& each : areas) {
      if (each.pixels * kSmall >= largest) things.push_back({each});
    }
    return things;
  }

  /// The palette colour that a place has and its surroundings have not; "" where there is none.
  std::string color_at(const Placement& place) const {
    const Counts inside = count(place, 0.5);
    const Counts with_rim = count(place, 0.7);
    const auto stands_out = [&](size_t i) { return 2 * inside[i] - with_rim[i]; };
    size_t best = 0;
    for (size_t i = 1; i < inside.size(); ++i) best = stands_out(i) > stands_out(best) ? i : best;
    return stands_out(best) > 0 ? std::string(palette()[best].name) : "";
  }

  /// The commonest palette colour of all.
  std::string backdrop() const {
    const Counts counts = count({.side = 1}, 0.5);
    return std::string(palette()[static_cast<size_t>(std::ranges::max_element(counts) - counts.begin())].name);
  }

 private:
  using Counts = std::array<int64_t, 11>;

  /// Pixels of each palette colour in the square around the middle of a place: its half side as a share of the place's.
  Counts count(const Placement& place, double reach) const {
    const auto pixel = [](double share) { return std::clamp<int64_t>(std::llround(share * kPixels), 0, kPixels - 1); };
    const double half = place.side * reach;
    Counts counts{};
    for (int64_t y = pixel(place.y - half); y <= pixel(place.y + half); ++y) {
      for (int64_t x = pixel(place.x - half); x <= pixel(place.x + half); ++x) {
        for (size_t i = 0; i < counts.size(); ++i) counts[i] += has_color(picture_.row(y) + 3 * x, palette()[i]);
      }
    }
    return counts;
  }

  const Picture& picture_;
};

std::string lower_case(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

/// Whether the words stand in the text as whole ones.
bool has_words(const std::string& text, const std::string& words) {
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  for (size_t at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) {
    const size_t end = at + words.size();
    if ((at == 0 || !is_letter(text[at - 1])) && (end == text.size() || !is_letter(text[end]))) return true;
  }
  return false;
}

/// One question about one picture.
class Checker {
 public:
  Checker(const Scene& scene, const Eye& eye, const Round& round)
      : scene_(scene), eye_(eye), round_(round), question_(lower_case(round.question)) {}

  /// Whether the answer is what the picture shows; nothing where the eye cannot tell which thing is meant.
  std::optional<bool> holds() const {
    const std::string& query = round_.query;
    if (query == "color" || query == "is_color") return color_holds();
    if (query == "thing_of_color") return thing_of_color_holds();
    if (query == "backdrop_color") return eye_.backdrop() == round_.truth;
    if (query == "count" || query == "count_color" || query == "count_all") return count_holds();
    if (query == "relation" || query == "is_relation" || query == "thing_beside") return relation_holds();
    if (query == "region") return region_holds();
    if (query == "outermost") return outermost_holds();
    return std::nullopt;
  }

 private:
  std::string name_of(const ObjectGroup& group, bool plural) const {
    const std::string& noun = plural ? group.nouns : group.noun;
    const bool alone = std::ranges::count(scene_.groups, group.noun, &ObjectGroup::noun) == 1;
    return alone ? noun : cat(group.color, " ", noun);
  }

  const ObjectGroup* named(const std::string& text, const std::string& noun) const {
    for (const ObjectGroup& group : scene_.groups) {
      const bool there = has_words(text, name_of(group, false)) || has_words(text, name_of(group, true));
      if (group.noun == noun && there) return &group;
    }
    return nullptr;
  }

  /// Whether nothing else in the scene has the group's colour.
  bool colored_alone(const ObjectGroup& group) const {
    return scene_.signs.empty() && !scene_.chart && !scene_.grid &&
           std::ranges::count(scene_.groups, group.color, &ObjectGroup::color) == 1;
  }

  std::string seen_color(const ObjectGroup& group) const { return eye_.color_at(group.places.front()); }

  std::optional<bool> color_holds() const {
    const ObjectGroup* group = named(question_, round_.about);
    if (group == nullptr) return std::nullopt;
    const std::string color = seen_color(*group);
    return round_.query == "color" ? color == round_.truth : has_words(question_, color) == (round_.truth == "yes");
  }

  std::optional<bool> thing_of_color_holds() const {
    for (const ObjectGroup& group : scene_.groups) {
      if (has_words(question_, seen_color(group)) != (group.noun == round_.truth)) return false;
    }
    return true;
  }

  std::optional<bool> count_holds() const {
    std::map<std::string, bool> colors;  // of what is counted
    for (const ObjectGroup& group : scene_.groups) {
      const bool meant = round_.about == "thing" || round_.about == group.noun;
      const bool of_color = round_.query != "count_color" || has_words(question_, group.color);
      if (meant && of_color) colors[group.color] = true;
      if (!scene_.signs.empty() || scene_.chart || scene_.grid) return std::nullopt;
    }
    for (const ObjectGroup& group : scene_.groups) {
      if (round_.about != "thing" && round_.about != group.noun && colors.contains(group.color)) return std::nullopt;
    }
    size_t count = 0;
    for (const auto& [color, wanted] : colors) count += eye_.things(color).size();
    return cat(count) == round_.truth;
  }

  /// Where the only thing of the group is seen; nothing where the colour shows none, or several.
  std::optional<SeenThing> seen(const ObjectGroup& group) const {
    const std::vector<SeenThing> things = eye_.things(group.color);
    return things.size() == 1 ? std::optional(things.front()) : std::nullopt;
  }

  static std::string side_of(const SeenThing& a, const SeenThing& b) {
    const double dx = a.x() - b.x();
    const double dy = a.y() - b.y();
    if (std::abs(dx) > std::abs(dy)) return dx < 0 ? "left" : "right";
    return dy < 0 ? "above" : "below";
  }

  std::optional<bool> relation_holds() const {
    const bool asks_thing = round_.query == "thing_beside";
    const ObjectGroup* a = asks_thing ? answered() : named(question_, round_.about);
    const ObjectGroup* b = other_named(a, asks_thing);
    if (a == nullptr || b == nullptr || a->noun == b->noun || !colored_alone(*a) || !colored_alone(*b))
      return std::nullopt;
    const auto seen_a = seen(*a);
    const auto seen_b = seen(*b);
    if (!seen_a || !seen_b) return false;
    const std::string side = side_of(*seen_a, *seen_b);
    if (round_.query == "relation") return side == round_.truth;
    return has_words(question_, side) == (asks_thing || round_.truth == "yes");
  }

  const ObjectGroup* answered() const {
    for (const ObjectGroup& group : scene_.groups) {
      if (name_of(group, false) == round_.truth) return &group;
    }
    return nullptr;
  }

  /// The one that the question names besides `a`.
  const ObjectGroup* other_named(const ObjectGroup* a, bool asks_thing) const {
    const ObjectGroup* found = nullptr;
    for (const ObjectGroup& group : scene_.groups) {
      if (&group == a || !has_words(question_, name_of(group, false))) continue;
      if (asks_thing && group.noun != round_.about) continue;
      if (found != nullptr) return nullptr;
      found = &group;
    }
    return found;
  }

  std::optional<bool> region_holds() const {
    const ObjectGroup* group = named(question_, round_.about);
    if (group == nullptr || !colored_alone(*group)) return std::nullopt;
    const std::vector<SeenThing> things = eye_.things(group->color);
    return !things.empty() && std::ranges::all_of(things, [&](const SeenThing& each) {
      return third(each.x(), "left", "right") && third(each.y(), "top", "bottom");
    });
  }

  /// Whether a position is on the side that the answer names; in the middle where it says so.
  bool third(double at, const std::string& low, const std::string& high) const {
    constexpr double kBorder = 0.4;
    if (has_words(round_.truth, low)) return at < kBorder;
    if (has_words(round_.truth, high)) return at > 1 - kBorder;
    return round_.truth != "center" || (at > 0.28 && at < 0.72);
  }

  std::optional<bool> outermost_holds() const {
    std::map<double, const ObjectGroup*> order;
    const bool across = has_words(question_, "left") || has_words(question_, "right");
    for (const ObjectGroup& group : scene_.groups) {
      if (!colored_alone(group)) return std::nullopt;
      const auto thing = seen(group);
      if (!thing) return false;
      order[across ? thing->x() : thing->y()] = &group;
    }
    const bool first = has_words(question_, "left") || has_words(question_, "top");
    const ObjectGroup* found = first ? order.begin()->second : order.rbegin()->second;
    return name_of(*found, false) == round_.truth;
  }

  const Scene& scene_;
  const Eye& eye_;
  const Round& round_;
  std::string question_;
};

struct Tally {
  int64_t checked = 0;
  int64_t right = 0;
  int64_t passed_over = 0;
};

TEST(TruthOfPictures, AnswersAreWhatAnEyeReadsOffTheFiles) {
  const auto catalogue = Catalogue::open({.objects = {"shapes", "drawings"}});
  const auto world = std::make_shared<const World>(WorldOptions{.occlusion = 0}, catalogue);
  const KindRegistry kinds = KindRegistry::built_in();
  WorldCaptions captions(kinds, world, {.seed = 3, .kinds = {{"Color"}, {"Count"}, {"Spatial"}}});
  GrammarWriter writer(kinds, world, 3);
  EmbeddedPainter painter(
      std::make_shared<const Renderer>(catalogue, RenderOptions{.width = kPixels, .height = kPixels}));
  Usage usage;
  const CallContext context{.stop = {}, .usage = &usage};
  std::map<std::string, Tally> tallies;
  Tally all;
  std::string seen_otherwise;
  for (int64_t id = 0; all.checked < kAnswers; ++id) {
    ASSERT_LT(id, 4 * kAnswers) << "too few answers that can be checked";
    Item item = *captions.caption(id);
    writer.expand(item, context);
    writer.ask(item, {}, context);
    const Picture picture = decode_picture(painter.draw(item, context).bytes, item.caption);
    const Eye eye(picture);
    for (const Conversation& conversation : item.conversations) {
      for (const Round& round : conversation.rounds) {
        const std::optional<bool> holds = Checker(item.scenes.front(), eye, round).holds();
        for (Tally* tally : {&tallies[round.query], &all}) {
          ++(holds ? tally->checked : tally->passed_over);
          tally->right += holds.value_or(false);
        }
        if (holds == false) seen_otherwise += cat(id, ": ", round.question, " ", round.answer, "\n");
      }
    }
  }
  std::cout << all.right << " of " << all.checked << " answers are what the picture shows; " << all.passed_over
            << " more were not checked\n";
  EXPECT_GE(all.right * 100, all.checked * 99) << seen_otherwise;
  for (const char* query : {"color", "is_color", "thing_of_color", "count", "relation", "region", "outermost"}) {
    EXPECT_GE(tallies[query].checked, 20) << query;
  }
}

}  // namespace
}  // namespace fusion
