#pragma once
// The forms of captions; each form stands for many sentences, see forms.h.

#include <span>
#include <string_view>

namespace fusion {

struct CaptionForm {
  std::string_view text;
  unsigned needs;    ///< SceneHas
  unsigned refuses;  ///< SceneHas that it would leave out
};

/// Fit for every focus.
std::span<const CaptionForm> common_forms();
std::span<const CaptionForm> color_forms();
std::span<const CaptionForm> count_forms();
std::span<const CaptionForm> spatial_forms();
std::span<const CaptionForm> scene_forms();
std::span<const CaptionForm> text_forms();

}  // namespace fusion
