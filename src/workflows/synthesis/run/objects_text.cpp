#include "workflows/synthesis/run/objects_text.h"

#include <map>
#include <set>
#include <vector>

#include "foundation/core/text.h"
#include "foundation/core/units.h"
#include "workflows/synthesis/report/text_table.h"

namespace fusion {

std::string objects_text(const Catalogue& catalogue) {
  struct Counts {
    size_t looks = 0;
    std::set<std::string_view> nouns;
  };
  std::map<LookSource, Counts> sources;
  for (const Look& look : catalogue.looks()) {
    Counts& counts = sources[look.source];
    ++counts.looks;
    counts.nouns.insert(look.noun);
  }
  std::vector<std::vector<std::string>> rows = {{"source", "looks", "nouns"}};
  for (const auto& [source, counts] : sources) {
    rows.push_back({std::string(source_name(source)), grouped_text(counts.looks), grouped_text(counts.nouns.size())});
  }
  rows.push_back({"all", grouped_text(catalogue.looks().size()), grouped_text(catalogue.things().size())});
  return text_table(rows);
}

std::string nouns_text(const Catalogue& catalogue) {
  std::vector<std::vector<std::string>> rows = {{"noun", "plural", "looks"}};
  for (const Thing& thing : catalogue.things()) {
    rows.push_back({thing.noun, thing.nouns, cat(thing.colored.size() + thing.pictured.size())});
  }
  return text_table(rows, {0, 1});
}

}  // namespace fusion
