#include "workflows/synthesis/world/color_choice.h"

#include <algorithm>
#include <cstdlib>
#include <span>

#include "workflows/synthesis/items/palette.h"
#include "workflows/synthesis/world/scene_facts.h"

namespace fusion {

namespace {

// Of 255: less is hard to read.
constexpr int64_t kReadable = 100;

int64_t brightness(const NamedColor& color) {
  return (3 * color.rgb[0] + 6 * color.rgb[1] + color.rgb[2]) / 10;
}

bool fits(std::string_view color, const ColorWanted& wanted) {
  if (wanted.setting != nullptr && std::ranges::find(wanted.setting->colors, color) != wanted.setting->colors.end()) {
    return false;
  }
  if (std::ranges::find(wanted.unlike, color) != wanted.unlike.end()) return false;
  return std::ranges::all_of(
      wanted.clear_of, [color](const std::string& other) { return other.empty() || clearly_different(color, other); });
}

}  // namespace

std::string draw_color(const ColorWanted& wanted, RandomSource& random) {
  std::vector<std::string_view> fitting;
  for (const NamedColor& color : palette()) {
    if (fits(color.name, wanted)) fitting.push_back(color.name);
  }
  return fitting.empty() ? std::string() : std::string(random.pick(fitting));
}

std::pair<std::string, std::string> draw_ink_and_paper(const std::string& backdrop, RandomSource& random) {
  std::vector<std::pair<std::string_view, std::string_view>> fitting;
  for (const NamedColor& paper : palette()) {
    if (!backdrop.empty() && !clearly_different(paper.name, backdrop)) continue;
    for (const NamedColor& ink : palette()) {
      if (std::abs(brightness(ink) - brightness(paper)) >= kReadable) fitting.emplace_back(ink.name, paper.name);
    }
  }
  const auto& [ink, paper] = random.pick(fitting);
  return {std::string(ink), std::string(paper)};
}

}  // namespace fusion
