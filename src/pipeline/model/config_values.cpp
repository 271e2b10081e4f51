#include "pipeline/model/config_values.h"

#include <cmath>

#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

double required_positive(const JsonObject& object, const char* key) {
  const auto value = object.required<double>(key);
  if (std::isfinite(value) && value > 0) return value;
  throw Error({.who = object.who(key), .expected = "a number above 0", .got = cat(value)});
}

}  // namespace fusion
