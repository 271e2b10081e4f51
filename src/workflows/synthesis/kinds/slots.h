#pragma once
// Texts with places to fill in: "What color is the {noun}?"

#include <string>
#include <string_view>
#include <vector>

namespace fusion {

/// What goes into "{name}".
struct Slot {
  std::string_view name;
  std::string value;
};

/// The names of the slots in `form`, in order. A slot is a name of small letters, digits and "_" in braces; braces
/// around anything else, those of JSON for instance, are text.
std::vector<std::string_view> slot_names(std::string_view form);

/// Throws Error about `who`, which lists the known ones, where `form` has a slot that is none of `known`.
void require_known_slots(std::string_view form, const std::vector<std::string_view>& known, const std::string& who);

/// `form` with its slots filled in. The values are taken as they are: a slot in one of them stays text. Throws Error
/// about `who`, which lists the known ones, on a slot without a value.
std::string fill_prompt(std::string_view form, const std::vector<Slot>& values, const std::string& who);

}  // namespace fusion
