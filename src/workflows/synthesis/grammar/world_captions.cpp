#include "workflows/synthesis/grammar/world_captions.h"

#include <algorithm>
#include <utility>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "workflows/synthesis/kinds/item_random.h"

namespace fusion {

namespace {

/// Throws Error where a kind compares two pictures beside a lattice: what changes between them would leave it.
void require_single_pictures(const KindRegistry& kinds, const std::vector<KindWeight>& chosen, const World& world) {
  if (world.options().lattice == 0) return;
  for (const Kind& kind : kinds.kinds()) {
    const bool used = chosen.empty() || std::ranges::find(chosen, kind.name, &KindWeight::kind) != chosen.end();
    if (!used || kind.pictures == 1) continue;
    throw Error({.who = cat("kind ", kind.name),
                 .expected = "one picture to a question beside world.lattice",
                 .got = cat(kind.pictures),
                 .hint = "leave it out of `kinds`, or set lattice: 0"});
  }
}

}  // namespace

WorldCaptions::WorldCaptions(KindRegistry kinds, std::shared_ptr<const World> world,
                             const WorldCaptionsOptions& options)
    : kinds_(std::move(kinds)),
      world_(std::move(world)),
      seed_(options.seed),
      choice_(kinds_, options.kinds, options.kinds_per_picture) {
  require_single_pictures(kinds_, options.kinds, *world_);
}

std::optional<Item> WorldCaptions::caption(int64_t id) {
  Item item;
  item.id = id;
  item.kinds = choice_.pick_kinds(seed_, id);
  item.source = "world";
  const Kind& kind = kinds_.find(item.kinds.front());
  const Focus focus = focus_from_name(kind.focus);
  RandomSource for_scene = item_random(seed_, id, DrawnFor::kScene);
  item.scenes.push_back(world_->scene(focus, for_scene));
  if (kind.pictures == 2) {
    RandomSource for_variation = item_random(seed_, id, DrawnFor::kVariation);
    item.scenes.push_back(world_->variation(item.scenes.front(), for_variation));
    // The changed one stands on either side, or "right" would be the answer too often.
    if (for_variation.chance(0.5)) std::swap(item.scenes.front(), item.scenes.back());
  }
  RandomSource for_caption = item_random(seed_, id, DrawnFor::kCaption);
  item.caption = world_->caption(item.scenes.front(), focus, for_caption);
  return item;
}

}  // namespace fusion
