#pragma once
// How a question names a thing so that no other could be meant, and the pieces that queries share.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "workflows/synthesis/grammar/query.h"

namespace fusion {

/// A group, or all groups of a noun, and the words that single it out: "balloon", or "red balloon" beside a blue one.
struct Subject {
  const ObjectGroup* group = nullptr;  ///< the first of them
  std::string noun;                    ///< without article, "red balloon"
  std::string nouns;
  int64_t count = 0;
  bool by_color = false;  ///< the colour is part of the words

  const std::string& thing() const { return count == 1 ? noun : nouns; }
  bool single() const { return count == 1; }
};

/// The groups that can be singled out, in the scene's order.
std::vector<Subject> subjects(const Scene& scene);
/// Those with exactly one thing.
std::vector<Subject> single_subjects(const Scene& scene);
/// One for each noun, all its groups taken together; nouns that a grid shows too are left out.
std::vector<Subject> sorts(const Scene& scene);

/// Nothing but groups is to be seen: no sign, chart or grid.
bool only_groups(const Scene& scene);
/// only_groups() on a mere background: everything in the picture can be counted.
bool countable(const Scene& scene);

/// "red", "balloon" ... as keys of facts.
std::string fact(std::string_view what, std::string_view noun);
/// The same for both orders of the two.
std::string pair_fact(std::string_view what, std::string_view a, std::string_view b);

/// The slots thing, noun, nouns, a_thing, is, it, does; also tells that there is such a thing.
void add_subject(Asked& asked, const Subject& subject);
/// The slots thing_a and thing_b.
void add_pair(Asked& asked, const Subject& a, const Subject& b);

/// "three balloons", "one balloon".
std::string counted(const Subject& subject);
/// The noun with its article: "a balloon", "two balloons" ... where there are several: the bare plural.
std::string a_thing(const Subject& subject);

/// Seven numbers from 1 on that are near `value`; how many of them are smaller is drawn.
std::vector<std::string> near_numbers(int64_t value, RandomSource& random);
/// Palette colours that cannot be taken for `color`, those of the scene's things first.
std::vector<std::string> other_colors(std::string_view color, const Scene& scene, RandomSource& random);
/// What a noun could be taken for (Look::family); the noun itself where nothing is known of it.
std::string_view family_of(const Catalogue& catalogue, std::string_view noun);
/// Whether the scene's setting is drawn with such things, or may be: seen_in(), by the noun.
bool in_setting(const Scene& scene, std::string_view noun, const Catalogue& catalogue);
/// Other nouns: the scene's own but `truth` first, then the catalogue's, none of the families that the scene shows and
/// none that is in its setting.
std::vector<std::string> other_nouns(const Subject& truth, const QueryContext& context);

}  // namespace fusion
