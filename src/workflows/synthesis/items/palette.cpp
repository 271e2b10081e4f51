#include "workflows/synthesis/items/palette.h"

#include <string>
#include <vector>

#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

// No two are nearer than 90 units of RGB.
constexpr NamedColor kPalette[] = {
    {"red", {215, 30, 35}},  {"orange", {247, 126, 15}}, {"yellow", {253, 222, 40}}, {"green", {35, 155, 60}},
    {"blue", {30, 90, 215}}, {"purple", {130, 45, 170}}, {"pink", {252, 140, 190}},  {"brown", {120, 72, 38}},
    {"black", {22, 22, 24}}, {"white", {250, 250, 250}}, {"gray", {140, 142, 145}},
};

}  // namespace

std::span<const NamedColor> palette() {
  return kPalette;
}

const NamedColor& palette_color(std::string_view name) {
  std::vector<std::string> names;
  for (const NamedColor& color : kPalette) {
    if (color.name == name) return color;
    names.emplace_back(color.name);
  }
  const std::string near = closest_match(name, names);
  throw Error({.who = "palette",
               .expected = cat("one of ", join(names, ", ")),
               .got = printable(name),
               .hint = near.empty() ? "" : cat("did you mean ", near, "?")});
}

}  // namespace fusion
