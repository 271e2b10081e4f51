#pragma once
// The writer that needs no model: everything it writes follows from what the picture shows.

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "workflows/synthesis/grammar/query.h"
#include "workflows/synthesis/items/roles.h"
#include "workflows/synthesis/kinds/kind_registry.h"

namespace fusion {

/// What is written about an item is a function of the seed, the item's number and its scenes.
class GrammarWriter : public Writer {
 public:
  /// Throws Error where a kind's grammar names an unknown query, one for another number of pictures, one without wrong
  /// answers for a kind with options, or has forms with a slot that the query does not fill.
  GrammarWriter(KindRegistry kinds, std::shared_ptr<const World> world, uint64_t seed);
  GrammarWriter(const GrammarWriter&) = delete;
  GrammarWriter& operator=(const GrammarWriter&) = delete;

  /// Describes the item's scenes. Throws ProviderUnusable for an item without any: it was not drawn by the world.
  void expand(Item& item, const CallContext& context) override;
  /// One conversation for each of the item's kinds whose questions the scene can answer. No fact is asked for twice in
  /// one item. Throws ProviderUnusable for a kind without a grammar.
  void ask(Item& item, const EncodedPicture& picture, const CallContext& context) override;

 private:
  struct Entry {
    const QuestionForms* forms;
    const QueryInfo* query;
  };

  Conversation converse(const Kind& kind, const Item& item, std::set<std::string>& asked_facts) const;
  const std::vector<Entry>& entries(const Kind& kind) const;

  KindRegistry kinds_;
  std::shared_ptr<const World> world_;
  uint64_t seed_;
  SettingShares shares_;
  std::map<std::string, std::vector<Entry>, std::less<>> entries_;  ///< by the kind's name
};

}  // namespace fusion
