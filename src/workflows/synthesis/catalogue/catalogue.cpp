#include "workflows/synthesis/catalogue/catalogue.h"

namespace fusion {

std::string_view source_name(LookSource source) {
  constexpr std::string_view kNames[] = {"shapes", "drawings", "clipart", "openclipart", "stamps", "emoji"};
  return kNames[static_cast<int>(source)];
}

}  // namespace fusion
