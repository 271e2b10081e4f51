#pragma once
// How often a world's pictures show what can be seen of a setting, for rare answers to be asked for as often as
// frequent ones.

#include <map>
#include <string>
#include <string_view>

#include "workflows/synthesis/world/world.h"

namespace fusion {

class SettingShares {
 public:
  /// Counts over scenes of the world that are drawn with a seed of its own.
  explicit SettingShares(const World& world);

  /// Of 1, how often a question with this answer is to be asked for all answers of its sort to come equally often: 1
  /// for the rarest, less for the others; 0 where the world has a single one.
  double shelter(Shelter shelter) const;
  double daylight(Daylight daylight) const;
  double weather(std::string_view weather) const;

 private:
  std::map<Shelter, int> shelters_;
  std::map<Daylight, int> daylights_;
  std::map<std::string, int, std::less<>> weathers_;
};

}  // namespace fusion
