#include "workflows/synthesis/world/forms.h"

#include <algorithm>
#include <cassert>

#include "workflows/synthesis/world/phrases.h"

namespace fusion {

namespace {

/// The one of "a|b|c" that is drawn.
std::string_view choose(std::string_view choices, RandomSource& random) {
  auto left = random.below(static_cast<uint64_t>(std::ranges::count(choices, '|')) + 1);
  for (; left > 0; --left) choices.remove_prefix(choices.find('|') + 1);
  return choices.substr(0, choices.find('|'));
}

std::string with_choices_made(std::string_view form, RandomSource& random) {
  std::string text;
  while (!form.empty()) {
    const size_t open = form.find('[');
    text += form.substr(0, open);
    if (open == std::string_view::npos) break;
    const size_t close = form.find(']', open);
    assert(close != std::string_view::npos);
    text += choose(form.substr(open + 1, close - open - 1), random);
    form.remove_prefix(close + 1);
  }
  return text;
}

}  // namespace

std::string expand_form(std::string_view form, const SlotWords& words, RandomSource& random) {
  const std::string chosen = with_choices_made(form, random);
  std::string text;
  std::string_view left = chosen;
  while (!left.empty()) {
    const size_t open = left.find('{');
    text += left.substr(0, open);
    if (open == std::string_view::npos) break;
    const size_t close = left.find('}', open);
    assert(close != std::string_view::npos);
    std::string filled = words(left.substr(open + 1, close - open - 1));
    const bool begins = text.empty() || text.ends_with(". ");
    text += begins ? capitalized(std::move(filled)) : filled;
    left.remove_prefix(close + 1);
  }
  return capitalized(std::move(text));
}

}  // namespace fusion
