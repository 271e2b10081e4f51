#include "workflows/synthesis/world/world.h"

#include <algorithm>
#include <array>
#include <utility>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "workflows/synthesis/world/arrangement.h"
#include "workflows/synthesis/world/content.h"

namespace fusion {

namespace {

/// A bound, for options that leave no room to end in an error.
constexpr int kTriesOfAScene = 1000;

// In the order of Focus.
constexpr std::array<std::string_view, 6> kFocusNames = {"color", "count", "spatial", "scene", "text", "any"};

void require_between(std::string_view name, double value, double min, double max) {
  if (value >= min && value <= max) return;
  throw Error({.who = cat("world: ", name), .expected = cat("a number from ", min, " to ", max), .got = cat(value)});
}

void require_fit_for_lattice(const WorldOptions& options) {
  // A line of six letters, of half a cell each, and its margin fit into four cells; cells are whole thousandths.
  constexpr std::array<int64_t, 3> kSides = {4, 5, 10};
  if (std::ranges::find(kSides, options.lattice) == kSides.end()) {
    throw Error({.who = "world: lattice", .expected = "4, 5 or 10, or 0 for none", .got = cat(options.lattice)});
  }
  // Where all are of one size, side by side, none is small or covered.
  for (const auto& [name, share] : {std::pair{"sizes", options.sizes}, {"occlusion", options.occlusion}}) {
    if (share == 0) continue;
    throw Error({.who = cat("world: ", name),
                 .expected = "0 beside a lattice",
                 .got = cat(share),
                 .hint = cat("say `", name, ": 0`: left out, it is not")});
  }
  if (options.sign_scale != 1) {
    throw Error({.who = "world: sign_scale",
                 .expected = "1 beside a lattice, which gives letters their size",
                 .got = cat(options.sign_scale)});
  }
  const auto fits = [](const std::string& name) { return name == "word" || name == "syllables"; };
  if (options.signs.empty() || !std::ranges::all_of(options.signs, fits)) {
    throw Error({.who = "world: signs",
                 .expected = "of word and syllables beside a lattice, for which other texts are too long",
                 .got = options.signs.empty() ? "all forms" : join(options.signs, ", "),
                 .hint = "say `signs: [word, syllables]`"});
  }
  if (options.max_count > options.lattice * options.lattice / 2) {
    throw Error({.who = "world: max_count",
                 .expected = cat("at most half of the lattice's cells, ", options.lattice * options.lattice / 2),
                 .got = cat(options.max_count)});
  }
}

WorldOptions checked(WorldOptions options) {
  require_between("max_count", static_cast<double>(options.max_count), 2, 12);
  require_between("max_groups", static_cast<double>(options.max_groups), 1, 8);
  require_between("occlusion", options.occlusion, 0, 1);
  require_between("sizes", options.sizes, 0, 1);
  require_between("charts", options.charts, 0, 1);
  require_between("grids", options.grids, 0, 1);
  require_between("sign_scale", options.sign_scale, 0.5, 2);
  if (options.lattice != 0) {
    require_fit_for_lattice(options);
  }
  require_between("held_out_compositions", options.held_out_compositions, 0, 0.5);
  return options;
}

std::vector<const SettingFacts*> chosen_settings(const std::vector<std::string>& ids) {
  std::vector<const SettingFacts*> chosen;
  for (const std::string& id : ids) chosen.push_back(&setting_facts(id));
  if (chosen.empty()) {
    for (const SettingFacts& setting : settings()) chosen.push_back(&setting);
  }
  return chosen;
}

}  // namespace

Focus focus_from_name(std::string_view name) {
  for (size_t i = 0; i < kFocusNames.size(); ++i) {
    if (kFocusNames[i] == name) return static_cast<Focus>(i);
  }
  throw Error({.who = "focus", .expected = cat("one of ", join(kFocusNames, ", ")), .got = printable(name)});
}

World::World(const WorldOptions& options, std::shared_ptr<const Catalogue> catalogue)
    : options_(checked(options)),
      catalogue_(std::move(catalogue)),
      cast_(*catalogue_),
      settings_(chosen_settings(options_.settings)),
      signs_(sign_forms(options_.signs)),
      compositions_(options_.compositions, options_.held_out_compositions) {}

Scene World::scene(Focus focus, RandomSource& random) const {
  for (int tries = 0; tries < kTriesOfAScene; ++tries) {
    Content content = draw_content(focus, {options_, cast_, settings_, signs_, compositions_}, random);
    if (!compositions_.take(content.scene)) continue;
    if (!arrange(content.scene, content.focus, options_, random)) continue;
    content.scene.look_seed = random.below(UINT64_MAX);
    return std::move(content.scene);
  }
  const bool held_out = options_.compositions == "held_out";
  throw Error({.who = "world",
               .expected = held_out ? "a scene with a held-out composition, and room for its things"
                                    : "room for the things of a scene",
               .got = cat("none in ", kTriesOfAScene, " scenes"),
               .hint = held_out ? "raise held_out_compositions, or lower charts and grids"
                                : "lower max_count, max_groups or held_out_compositions"});
}

Scene World::variation(const Scene& scene, RandomSource& random) const {
  for (int tries = 0; tries < kTriesOfAScene; ++tries) {
    Scene other = vary(scene, cast_, settings_, random);
    // Both stand in one file, and a sentence names things of both.
    Scene both = other;
    both.groups.insert(both.groups.end(), scene.groups.begin(), scene.groups.end());
    if (compositions_.take(other) && compositions_.can_show(both)) return other;
  }
  return scene;
}

}  // namespace fusion
