#include <array>
#include <vector>

#include "workflows/synthesis/world/caption_forms.h"
#include "workflows/synthesis/world/forms.h"
#include "workflows/synthesis/world/scene_words.h"
#include "workflows/synthesis/world/world.h"

namespace fusion {

namespace {

// The other captions have a form that fits every focus.
constexpr double kOwnForms = 0.6;

void append_fitting(std::span<const CaptionForm> forms, unsigned has, std::vector<std::string_view>& fitting) {
  for (const CaptionForm& form : forms) {
    if ((form.needs & ~has) == 0 && (form.refuses & has) == 0) fitting.push_back(form.text);
  }
}

std::vector<std::string_view> own_forms(Focus focus, unsigned has) {
  const std::array<std::span<const CaptionForm>, 5> all = {color_forms(), count_forms(), spatial_forms(), scene_forms(),
                                                           text_forms()};
  std::vector<std::string_view> fitting;
  for (size_t i = 0; i < all.size(); ++i) {
    if (focus == Focus::kAny || focus == static_cast<Focus>(i)) append_fitting(all[i], has, fitting);
  }
  return fitting;
}

}  // namespace

std::string World::caption(const Scene& scene, Focus focus, RandomSource& random) const {
  const SceneWords words(scene);
  auto fitting = own_forms(focus, words.has());
  if (fitting.empty() || !random.chance(kOwnForms)) {
    fitting.clear();
    append_fitting(common_forms(), words.has(), fitting);
  }
  return expand_form(random.pick(fitting), words, random);
}

}  // namespace fusion
