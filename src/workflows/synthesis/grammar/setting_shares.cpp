#include "workflows/synthesis/grammar/setting_shares.h"

#include <algorithm>

#include "workflows/synthesis/world/settings.h"

namespace fusion {

namespace {

constexpr int kScenes = 600;

template <class Counts, class Key>
double share(const Counts& counts, const Key& key) {
  const auto found = counts.find(key);
  if (found == counts.end() || counts.size() < 2) return 0;
  int rarest = found->second;
  for (const auto& [each, count] : counts) rarest = std::min(rarest, count);
  return static_cast<double>(rarest) / found->second;
}

}  // namespace

SettingShares::SettingShares(const World& world) {
  RandomSource random(0);
  for (int i = 0; i < kScenes; ++i) {
    const SettingFacts& facts = setting_facts(world.scene(Focus::kScene, random).setting);
    if (facts.shelter != Shelter::kNone) ++shelters_[facts.shelter];
    if (facts.daylight != Daylight::kNone) ++daylights_[facts.daylight];
    if (!facts.weather.empty()) ++weathers_[std::string(facts.weather)];
  }
}

double SettingShares::shelter(Shelter shelter) const {
  return share(shelters_, shelter);
}

double SettingShares::daylight(Daylight daylight) const {
  return share(daylights_, daylight);
}

double SettingShares::weather(std::string_view weather) const {
  return share(weathers_, weather);
}

}  // namespace fusion
