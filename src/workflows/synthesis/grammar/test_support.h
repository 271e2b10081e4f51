#pragma once
// For tests only: items of the embedded world with their conversations.

#include <memory>
#include <string>
#include <vector>

#include "workflows/synthesis/grammar/grammar_writer.h"
#include "workflows/synthesis/grammar/world_captions.h"

namespace fusion {

class TestWriter {
 public:
  explicit TestWriter(uint64_t seed = 1, const KindRegistry& kinds = KindRegistry::built_in(),
                      const std::vector<KindWeight>& weights = {}, int64_t kinds_per_picture = 1,
                      std::shared_ptr<const World> drawn = world())
      : writer_(kinds, drawn, seed),
        captions_(kinds, drawn, {.seed = seed, .kinds = weights, .kinds_per_picture = kinds_per_picture}) {}

  Item item(int64_t id) {
    Item item = captions_.caption(id).value_or(Item{});
    Usage usage;
    const CallContext context{.stop = {}, .usage = &usage};
    writer_.expand(item, context);
    writer_.ask(item, {}, context);
    return item;
  }

  static std::shared_ptr<const World> world() {
    static const auto kWorld = std::make_shared<const World>(WorldOptions{}, Catalogue::open());
    return kWorld;
  }

 private:
  GrammarWriter writer_;
  WorldCaptions captions_;
};

}  // namespace fusion
