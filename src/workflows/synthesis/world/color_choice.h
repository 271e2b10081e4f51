#pragma once
// Drawing palette colours that can be told from what is around them.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foundation/core/random_source.h"
#include "workflows/synthesis/world/settings.h"

namespace fusion {

struct ColorWanted {
  std::vector<std::string> clear_of = {};  ///< no colour that could be taken for one of these; "" is passed over
  std::vector<std::string> unlike = {};    ///< none of these
  const SettingFacts* setting = nullptr;   ///< none that the setting is made of
};

/// Every palette colour that fits is as likely as another; "" where none does.
std::string draw_color(const ColorWanted& wanted, RandomSource& random);

/// Ink and paper that are easy to read, the paper clear of the backdrop.
std::pair<std::string, std::string> draw_ink_and_paper(const std::string& backdrop, RandomSource& random);

}  // namespace fusion
