#pragma once
// The backgrounds of drawn pictures, and what is true of each.

#include <span>
#include <string_view>

namespace fusion {

enum class Shelter { kNone, kIndoors, kOutdoors };  ///< kNone: neither can be said of it
enum class Daylight { kNone, kDay, kNight };

struct SettingFacts {
  std::string_view id;        ///< "night_street"
  std::string_view noun;      ///< "street at night": the bare answer to "what place is this?"
  std::string_view name;      ///< "a street at night"
  std::string_view place;     ///< "on a street at night"
  std::string_view features;  ///< what can always be seen of it: "lit windows and a dark sky"; "" where it is bare
  Shelter shelter;
  Daylight daylight;
  std::string_view weather;  ///< "sunny", "snowy" or "" where nothing can be said
  double ground;             ///< share of the height at which its ground begins; 1: there is none, things float
  std::span<const std::string_view> colors;  ///< palette colours that it is made of: nothing in it has one of them
  std::span<const std::string_view> shows;   ///< nouns that it is drawn with, or could be seen in it: no group has one
  bool bare;                                 ///< a mere background, not a place
};

/// In the order of their ids.
std::span<const SettingFacts> settings();

/// Throws Error, with the id that it resembles, where there is none.
const SettingFacts& setting_facts(std::string_view id);

}  // namespace fusion
