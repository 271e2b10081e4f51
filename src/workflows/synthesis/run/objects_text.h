#pragma once
// What the drawn pictures of a recipe can show, for a person.

#include <string>

#include "workflows/synthesis/catalogue/catalogue.h"

namespace fusion {

/// A table: for each source its looks (each a picture with a name) and the distinct nouns among the names, and of all
/// sources together.
std::string objects_text(const Catalogue& catalogue);

/// A line for each noun: its plural, and how many looks it has.
std::string nouns_text(const Catalogue& catalogue);

}  // namespace fusion
