#pragma once
// What the embedded world can be asked. A query looks at a scene, of which everything is known, and comes back with one
// question that has a single right answer there: its parts, which a kind's forms put into words.

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/core/random_source.h"
#include "workflows/synthesis/grammar/setting_shares.h"
#include "workflows/synthesis/kinds/slots.h"
#include "workflows/synthesis/world/world.h"

namespace fusion {

/// A question and its answer before they have words.
struct Asked {
  std::vector<Slot> slots = {};         ///< for the forms, "answer" among them
  std::string truth = {};               ///< the bare answer; "" for an open question
  std::vector<std::string> wrong = {};  ///< other answers that could be, the nearest first; empty where there are none
  std::string about = {};               ///< the noun that is asked about
  std::string fact = {};            ///< what is asked, apart from its words: "color/balloon"; nothing is asked twice
  std::set<std::string> told = {};  ///< further facts that the question or the answer gives away
  bool verbatim = false;            ///< the answer is quoted from the picture: its first letter stays as it is
};

/// What a query looks at.
struct QueryContext {
  std::span<const Scene> scenes;              ///< one, or two that are compared: left and right
  std::span<const std::string> descriptions;  ///< of the scenes
  const World& world;                         ///< for what could have been in the picture
  Focus focus;                                ///< that the scenes were made with
  const SettingShares& shares;                ///< how often each setting is
  const std::set<std::string>& told;          ///< facts of the rounds before
  RandomSource& random;

  const Scene& scene() const { return scenes.front(); }
};

/// Nothing where the scene leaves a doubt about the answer, or where one answer would be far more frequent than
/// another. Of the answers that are possible one is drawn first, and then a question for it.
using Query = std::optional<Asked> (*)(const QueryContext& context);

struct QueryInfo {
  std::string_view name;
  Query ask;
  int64_t pictures;                     ///< 1, or 2 that are compared
  bool has_options;                     ///< whether it can be a choice
  std::vector<std::string_view> slots;  ///< that its forms may have
};

/// All of them, in the order of their groups.
const std::vector<QueryInfo>& queries();

/// Throws Error about `who`, with the name that it resembles, where there is none.
const QueryInfo& find_query(std::string_view name, const std::string& who);

}  // namespace fusion
