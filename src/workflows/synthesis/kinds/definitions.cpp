#include "workflows/synthesis/kinds/definitions.h"

#include <algorithm>
#include <cassert>

namespace fusion {

std::string_view definition(std::string_view name) {
  const auto files = kind_definitions();
  const auto found = std::ranges::find(files, name, &EmbeddedFile::name);
  assert(found != files.end());
  return found->text;
}

}  // namespace fusion
