#pragma once
// Values that more than one config file holds.

#include "foundation/config/json_object.h"

namespace fusion {

/// A finite number above 0; throws Error on anything else.
double required_positive(const JsonObject& object, const char* key);

}  // namespace fusion
