#include "workflows/synthesis/kinds/slots.h"

#include <algorithm>

#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

bool in_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/// Calls `on_text` with the parts between slots and `on_slot` with the names, in order.
template <class OnText, class OnSlot>
void split(std::string_view form, const OnText& on_text, const OnSlot& on_slot) {
  size_t text_begin = 0;
  for (size_t open = form.find('{'); open != std::string_view::npos; open = form.find('{', open + 1)) {
    size_t close = open + 1;
    while (close < form.size() && in_name(form[close])) ++close;
    if (close == open + 1 || close == form.size() || form[close] != '}') continue;
    on_text(form.substr(text_begin, open - text_begin));
    on_slot(form.substr(open + 1, close - open - 1));
    text_begin = close + 1;
    open = close;
  }
  on_text(form.substr(text_begin));
}

[[noreturn]] void refuse(std::string_view name, const std::vector<std::string_view>& known, const std::string& who) {
  const std::string near = closest_match(name, {known.begin(), known.end()});
  throw Error({.who = who,
               .expected = known.empty() ? "no slots" : cat("slots among {", join(known, "}, {"), "}"),
               .got = cat("{", printable(name), "}"),
               .hint = near.empty() ? "" : cat("did you mean {", near, "}?")});
}

}  // namespace

std::vector<std::string_view> slot_names(std::string_view form) {
  std::vector<std::string_view> names;
  split(form, [](std::string_view) {}, [&names](std::string_view name) { names.push_back(name); });
  return names;
}

void require_known_slots(std::string_view form, const std::vector<std::string_view>& known, const std::string& who) {
  for (const std::string_view name : slot_names(form)) {
    if (std::ranges::find(known, name) == known.end()) refuse(name, known, who);
  }
}

std::string fill_prompt(std::string_view form, const std::vector<Slot>& values, const std::string& who) {
  std::string filled;
  split(
      form, [&filled](std::string_view text) { filled += text; },
      [&](std::string_view name) {
        const auto found = std::ranges::find(values, name, &Slot::name);
        if (found == values.end()) {
          std::vector<std::string_view> known;
          for (const Slot& each : values) known.push_back(each.name);
          refuse(name, known, who);
        }
        filled += found->value;
      });
  return filled;
}

}  // namespace fusion
